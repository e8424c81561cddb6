namespace EdgeSplit.Planning.Optimization;

/// <summary>
/// Changes one device's cut, or two devices' together, as long as that shortens the round. Most changes are refused by the
/// pool's prices, each a proof; what passes is solved exactly, and where it fails its own prices join the pool.
/// </summary>
internal sealed class LocalSearch(Offers offers, PricePool pool, CutSearch search)
{
    private const int Moves = 400;
    private const int Trials = 150;

    private readonly PriceFunction function = new(offers);

    public void Run(int[] start)
    {
        pool.Add(search.Try(start, out _));
        for (int trial = 0; trial < Trials && search.IsOpen; trial++)
        {
            int[] candidate = search.Choice.ToArray();
            if (!Improve(candidate, search.BestSeconds))
                return;
            pool.Add(search.Try(candidate, out _));
        }
    }

    /// <summary>Applies the change that promises most; false if every one is refused.</summary>
    private bool Improve(int[] choice, double seconds)
    {
        List<Move> moves = CheapestMoves(choice, seconds);
        double[] costs = new double[pool.Count];
        for (int price = 0; price < costs.Length; price++)
        {
            for (int device = 0; device < choice.Length; device++)
                costs[price] += function.CostOf(pool[price], device, choice[device], seconds);
        }

        foreach (Move move in moves)
        {
            for (int price = 0; price < costs.Length; price++)
                move.Changes[price] = Change(pool[price], move.Device, choice[move.Device], move.Offer, seconds);
        }

        double least = 1 - 1e-12;
        (Move? First, Move? Second) chosen = default;
        for (int first = 0; first < moves.Count; first++)
        {
            if (Promise(costs, moves[first].Changes, null, least) is double single && single < least)
                (least, chosen) = (single, (moves[first], null));
            for (int second = 0; second < first; second++)
            {
                if (moves[first].Device != moves[second].Device
                    && Promise(costs, moves[first].Changes, moves[second].Changes, least) is double pair && pair < least)
                {
                    (least, chosen) = (pair, (moves[first], moves[second]));
                }
            }
        }

        if (chosen.First is not { } one)
            return false;
        choice[one.Device] = one.Offer;
        if (chosen.Second is { } two)
            choice[two.Device] = two.Offer;
        return true;
    }

    /// <summary>The changes that cost least at the bound's own prices.</summary>
    private List<Move> CheapestMoves(int[] choice, double seconds)
    {
        PriorityQueue<(int Device, int Offer), double> cheapest = new();
        for (int device = 0; device < choice.Length; device++)
        {
            double present = function.CostOf(pool[0], device, choice[device], seconds);
            for (int offer = offers.First[device]; offer < offers.First[device + 1]; offer++)
            {
                if (offer == choice[device])
                    continue;
                double change = function.CostOf(pool[0], device, offer, seconds) - present;
                if (!double.IsFinite(change))
                    continue;
                if (cheapest.Count < Moves)
                    cheapest.Enqueue((device, offer), -change);
                else
                    cheapest.EnqueueDequeue((device, offer), -change);
            }
        }

        return [.. cheapest.UnorderedItems.Select(item => item.Element).OrderBy(item => item.Device).ThenBy(item => item.Offer)
            .Select(item => new Move(item.Device, item.Offer, new double[pool.Count]))];
    }

    private double Change(double[] price, int device, int from, int to, double seconds) =>
        function.CostOf(price, device, to, seconds) - function.CostOf(price, device, from, seconds);

    /// <summary>The greatest cost at any price, or some number not below <paramref name="least"/>.</summary>
    private static double Promise(double[] costs, double[] first, double[]? second, double least)
    {
        double greatest = 0;
        for (int price = 0; price < costs.Length; price++)
        {
            double cost = costs[price] + first[price] + (second is null ? 0 : second[price]);
            if (!(cost < least))
                return double.PositiveInfinity;
            greatest = Math.Max(greatest, cost);
        }

        return greatest;
    }

    private sealed record Move(int Device, int Offer, double[] Changes);
}
