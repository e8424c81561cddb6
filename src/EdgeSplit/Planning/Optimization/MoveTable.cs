namespace EdgeSplit.Planning.Optimization;

/// <summary>
/// The most promising offers of a fleet with their costs at every price of a pool, at one round time, and a choice among them
/// with its score: what the dearest prices charge for it. A score above 1 proves that the choice takes longer.
/// </summary>
internal sealed class MoveTable
{
    private const int Moves = 400;

    private readonly int[] start;
    private readonly int prices;
    private readonly List<Move> moves = [];
    private readonly Dictionary<int, double[]> startCosts = [];
    private readonly double[] sums;
    private readonly Dictionary<int, Move> applied = [];

    public MoveTable(Offers offers, PricePool pool, ReadOnlySpan<int> choice, double seconds)
    {
        PriceFunction function = new(offers);
        start = choice.ToArray();
        prices = pool.Count;
        sums = new double[prices];
        for (int price = 0; price < prices; price++)
        {
            for (int device = 0; device < start.Length; device++)
                sums[price] += function.CostOf(pool[price], device, start[device], seconds);
        }

        foreach ((int device, int offer) in Cheapest(offers, function, pool[0], seconds))
        {
            if (!startCosts.ContainsKey(device))
            {
                startCosts[device] = Costs(device, start[device]);
                moves.Add(new Move(device, start[device], startCosts[device]));
            }

            moves.Add(new Move(device, offer, Costs(device, offer)));
        }

        double[] Costs(int device, int offer)
        {
            double[] costs = new double[prices];
            for (int price = 0; price < prices; price++)
                costs[price] = function.CostOf(pool[price], device, offer, seconds);
            return costs;
        }
    }

    public double Score => sums.Max();

    public int[] ToChoice()
    {
        int[] choice = [.. start];
        foreach (Move move in applied.Values)
            choice[move.Device] = move.Offer;
        return choice;
    }

    public void Apply(int index)
    {
        Move move = moves[index];
        double[] present = Present(move.Device);
        for (int price = 0; price < prices; price++)
            sums[price] += move.Costs[price] - present[price];
        applied[move.Device] = move;
    }

    /// <summary>The move that lowers the score most, or null.</summary>
    public int? BestSingle()
    {
        double least = Score * (1 - 1e-12);
        int? best = null;
        foreach ((int index, double[] change) in Changes())
        {
            double score = ScoreWith(change, [], least);
            if (score < least)
                (least, best) = (score, index);
        }

        return best;
    }

    /// <summary>The two moves that lower the score most together, or null.</summary>
    public (int First, int Second)? BestPair()
    {
        double least = Score * (1 - 1e-12);
        (int, int)? best = null;
        (int Index, double[] Change)[] changes = [.. Changes()];
        for (int first = 0; first < changes.Length; first++)
        {
            for (int second = 0; second < first; second++)
            {
                if (moves[changes[first].Index].Device == moves[changes[second].Index].Device)
                    continue;
                double score = ScoreWith(changes[first].Change, changes[second].Change, least);
                if (score < least)
                    (least, best) = (score, (changes[first].Index, changes[second].Index));
            }
        }

        return best;
    }

    private double[] Present(int device) => applied.TryGetValue(device, out Move? move) ? move.Costs : startCosts[device];

    /// <summary>What each move that would change the choice adds at every price.</summary>
    private IEnumerable<(int Index, double[] Change)> Changes()
    {
        for (int index = 0; index < moves.Count; index++)
        {
            double[] present = Present(moves[index].Device);
            if (moves[index].Costs != present)
                yield return (index, [.. moves[index].Costs.Zip(present, (cost, before) => cost - before)]);
        }
    }

    /// <summary>The score after one or two changes, or infinity where it is not below <paramref name="least"/>.</summary>
    private double ScoreWith(double[] first, ReadOnlySpan<double> second, double least)
    {
        double greatest = 0;
        // The prices learned last refuse the most.
        for (int price = sums.Length - 1; price >= 0; price--)
        {
            double cost = sums[price] + first[price] + (second.IsEmpty ? 0 : second[price]);
            if (!(cost < least))
                return double.PositiveInfinity;
            greatest = Math.Max(greatest, cost);
        }

        return greatest;
    }

    /// <summary>The offers not chosen yet that cost least beyond their device's cheapest at the bound's prices.</summary>
    private IEnumerable<(int Device, int Offer)> Cheapest(Offers offers, PriceFunction function, double[] price, double seconds)
    {
        PriorityQueue<(int Device, int Offer), double> cheapest = new();
        for (int device = 0; device < start.Length; device++)
        {
            double least = double.PositiveInfinity;
            for (int offer = offers.First[device]; offer < offers.First[device + 1]; offer++)
                least = Math.Min(least, function.CostOf(price, device, offer, seconds));
            for (int offer = offers.First[device]; offer < offers.First[device + 1]; offer++)
            {
                double excess = function.CostOf(price, device, offer, seconds) - least;
                if (!double.IsFinite(excess) || offer == start[device])
                    continue;
                if (cheapest.Count < Moves)
                    cheapest.Enqueue((device, offer), -excess);
                else
                    cheapest.EnqueueDequeue((device, offer), -excess);
            }
        }

        return cheapest.UnorderedItems.Select(item => item.Element).OrderBy(item => item.Device).ThenBy(item => item.Offer);
    }

    private sealed record Move(int Device, int Offer, double[] Costs);
}
