namespace EdgeSplit.Planning.Optimization;

/// <summary>
/// Depth first over the devices: a branch whose cheapest completion costs more than 1 at any price of the pool, at a round time
/// just below the best known, holds nothing better. Complete, it proves that time to be a lower bound.
/// </summary>
internal sealed class BranchAndBound(Offers offers, PricePool pool, CutSearch search, PlanningTime time)
{
    /// <summary>How far below the best known, relative, plans are no longer looked for.</summary>
    public const double Margin = 1e-9;
    private const long MostNodes = 6_000_000;
    private const int NodesPerLook = 1 << 10;
    private const int MostLeaves = 20_000;
    private const int LeavesPerPass = 24;
    private const int MostPrices = 192;
    private const double Rounding = 1e-13;

    private readonly PriceFunction function = new(offers);
    private readonly int[] chosen = new int[offers.DeviceCount];
    private readonly int[] taken = new int[offers.DeviceCount];
    private readonly List<double[]> learned = [];
    private Level[] levels = [];
    private double[][] partial = [];
    private double proven = double.PositiveInfinity;
    private long nodes;
    private int leaves;

    private enum Outcome
    {
        Done,
        Again,
        GaveUp,
    }

    /// <summary>A lower bound: just below the best known where the search was completed, or what its leaves prove; else 0.</summary>
    public double Run()
    {
        pool.AddGrid();
        while (true)
        {
            double target = search.BestSeconds * (1 - Margin);
            if (!Prepare(target))
                return Math.Min(target, proven);
            learned.Clear();
            Outcome outcome = Descend(0);
            if (outcome == Outcome.Done)
                return Math.Min(target, proven);
            if (outcome == Outcome.GaveUp)
                return 0;
            foreach (double[] price in learned)
                pool.Add(price);
        }
    }

    /// <summary>Tables of costs at the target; false if the pool refuses every plan at once.</summary>
    private bool Prepare(double target)
    {
        double[] least = [.. Enumerable.Range(0, offers.DeviceCount).Select(device => LeastCost(device, target))];
        double spare = 1 + Rounding - least.Sum();
        Level[] tables = [.. least.Select((cost, device) => new Level(function, pool, device, target, cost + spare))];
        double[] floor = new double[pool.Count];
        foreach (Level table in tables)
            table.AddLeastTo(floor);
        foreach (Level table in tables)
        {
            table.Discard(floor, 1 + Rounding);
            if (table.Count == 0)
                return false;
        }

        levels = [.. tables.Where(table => table.Count > 1).OrderBy(table => table.Count)
            .ThenBy(table => table.Signature, Signatures.ByContent).ThenBy(table => table.Device)];
        partial = [.. Enumerable.Range(0, levels.Length + 1).Select(_ => new double[pool.Count])];
        foreach (Level table in tables.Where(table => table.Count == 1))
        {
            chosen[table.Device] = table.Offer(0);
            table.FindLeast();
            table.AddLeastTo(partial[0]);
        }

        double[] rest = new double[pool.Count];
        for (int depth = levels.Length - 1; depth >= 0; depth--)
        {
            levels[depth].Rest = [.. rest];
            levels[depth].FindLeast();
            levels[depth].AddLeastTo(rest);
            levels[depth].FollowsTwin = depth > 0 && Signatures.ByContent.Compare(levels[depth - 1].Signature, levels[depth].Signature) == 0;
        }

        return true;
    }

    private double LeastCost(int device, double seconds)
    {
        double least = double.PositiveInfinity;
        for (int offer = offers.First[device]; offer < offers.First[device + 1]; offer++)
            least = Math.Min(least, function.CostOf(pool[0], device, offer, seconds));
        return least;
    }

    private Outcome Descend(int depth)
    {
        if (depth == levels.Length)
            return Solve();
        Level level = levels[depth];
        // Of equal devices only one order of cuts is looked at.
        int start = level.FollowsTwin ? taken[depth - 1] : 0;
        for (int item = start; item < level.Count; item++)
        {
            if (++nodes > MostNodes || (nodes % NodesPerLook == 0 && time.IsOver()))
                return Outcome.GaveUp;
            if (IsRefused(level, item, partial[depth], partial[depth + 1]))
                continue;
            taken[depth] = item;
            chosen[level.Device] = level.Offer(item);
            Outcome outcome = Descend(depth + 1);
            if (outcome != Outcome.Done)
                return outcome;
        }

        return Outcome.Done;
    }

    private static bool IsRefused(Level level, int item, double[] before, double[] after)
    {
        ReadOnlySpan<double> costs = level.Costs(item);
        double[] rest = level.Rest;
        for (int price = 0; price < costs.Length; price++)
        {
            double cost = before[price] + costs[price];
            if (cost + rest[price] > 1 + Rounding)
                return true;
            after[price] = cost;
        }

        return false;
    }

    private Outcome Solve()
    {
        if (++leaves > MostLeaves || time.IsOver())
            return Outcome.GaveUp;
        double before = search.BestSeconds;
        PriceBound proof = search.Try(chosen);
        // What shares were found for a leaf says nothing about it; what its prices prove does.
        proven = Math.Min(proven, proof.Seconds);
        if (search.BestSeconds < before)
        {
            learned.Add(proof.Prices);
            return Outcome.Again;
        }

        if (pool.Count + learned.Count >= MostPrices)
            return Outcome.Done;
        learned.Add(proof.Prices);
        return learned.Count < LeavesPerPass ? Outcome.Done : Outcome.Again;
    }
}
