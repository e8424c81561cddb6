namespace EdgeSplit.Planning.Optimization;

/// <summary>One device in a branch and bound: what each of its offers costs at each price of the pool, at one round time.</summary>
internal sealed class Level
{
    private readonly int prices;
    private readonly List<(int Offer, double[] Costs)> items = [];
    private readonly double[] least;

    /// <param name="function">The costs.</param>
    /// <param name="pool">The prices.</param>
    /// <param name="device">The device.</param>
    /// <param name="seconds">The round time.</param>
    /// <param name="affordable">What an offer may cost at the pool's first prices.</param>
    public Level(PriceFunction function, PricePool pool, int device, double seconds, double affordable)
    {
        Device = device;
        prices = pool.Count;
        least = new double[prices];
        Offers offers = function.Offers;
        for (int offer = offers.First[device]; offer < offers.First[device + 1]; offer++)
        {
            if (!(function.CostOf(pool[0], device, offer, seconds) <= affordable))
                continue;
            double[] costs = new double[prices];
            for (int price = 0; price < prices; price++)
                costs[price] = function.CostOf(pool[price], device, offer, seconds);
            items.Add((offer, costs));
        }

        items.Sort((one, other) => one.Costs[0] != other.Costs[0] ? one.Costs[0].CompareTo(other.Costs[0]) : one.Offer.CompareTo(other.Offer));
        FindLeast();
        Signature = [.. SignatureOf(offers)];
    }

    public int Device { get; }

    /// <summary>The numbers that make two devices equal: their offers' and their caps.</summary>
    public double[] Signature { get; }

    /// <summary>The least cost of all devices below, per price.</summary>
    public double[] Rest { get; set; } = [];

    /// <summary>Whether the level above is an equal device.</summary>
    public bool FollowsTwin { get; set; }

    public int Count => items.Count;

    public int Offer(int item) => items[item].Offer;

    public ReadOnlySpan<double> Costs(int item) => items[item].Costs;

    public void AddLeastTo(double[] sums)
    {
        for (int price = 0; price < prices; price++)
            sums[price] += least[price];
    }

    /// <summary>Drops every offer that is refused even with all other devices at their cheapest.</summary>
    /// <param name="floor">The least cost of all devices, per price.</param>
    /// <param name="limit">The cost above which a price refuses.</param>
    public void Discard(double[] floor, double limit) => items.RemoveAll(item =>
    {
        for (int price = 0; price < prices; price++)
        {
            if (!(floor[price] - least[price] + item.Costs[price] <= limit))
                return true;
        }

        return false;
    });

    public void FindLeast()
    {
        Array.Fill(least, double.PositiveInfinity);
        foreach ((_, double[] costs) in items)
        {
            for (int price = 0; price < prices; price++)
                least[price] = Math.Min(least[price], costs[price]);
        }
    }

    private IEnumerable<double> SignatureOf(Offers offers)
    {
        foreach (double[] caps in offers.Cap)
            yield return caps[Device];
        for (int offer = offers.First[Device]; offer < offers.First[Device + 1]; offer++)
        {
            yield return offers.Fixed[offer];
            foreach (double[] demand in offers.Demand)
                yield return demand[offer];
        }
    }
}

/// <summary>Orders lists of numbers by length, then number by number.</summary>
internal sealed class Signatures : IComparer<double[]>
{
    public static readonly Signatures ByContent = new();

    public int Compare(double[]? x, double[]? y) =>
        x!.Length != y!.Length ? x.Length.CompareTo(y.Length) : x.AsSpan().SequenceCompareTo(y);
}
