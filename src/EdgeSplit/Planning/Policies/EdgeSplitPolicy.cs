using EdgeSplit.Planning.Optimization;

namespace EdgeSplit.Planning.Policies;

/// <summary>
/// The alternating algorithm: from equal shares, each device takes its best cut; then shares that let all end together with
/// those cuts; and again, until the round stops falling. With one reserved resource and no zero demands it ends at the
/// optimum; with several it may stall above it.
/// </summary>
public sealed class EdgeSplitPolicy : IPlanPolicy
{
    private const int MostRounds = 10_000;

    /// <summary>The part of the time for planning by which cuts are settled, so that a bound is found too.</summary>
    private const double PartOfTime = 0.5;

    public string Name => "edgesplit";

    public Decision Decide(Problem problem, PlanningTime time)
    {
        Offers offers = Offers.Of(problem);
        Allocation allocation = Alternate(problem, offers, time, PartOfTime);
        return Decision.Of(allocation, Planner.LowerBound(offers, time, allocation.RoundSeconds));
    }

    /// <param name="problem">The problem.</param>
    /// <param name="offers">All of its offers.</param>
    /// <param name="time">How long it may take.</param>
    /// <param name="part">The part of that time by which it ends.</param>
    internal static Allocation Alternate(Problem problem, Offers offers, PlanningTime time, double part)
    {
        if (offers.IsSingle)
        {
            Alternation alternation = new(offers);
            return ShareAllocation.Equalise(problem, offers, alternation.Run(), time, alternation.Seconds);
        }

        double[]?[] shares = ShareAllocation.EqualShares(problem);
        int[]? previous = null;
        Allocation? best = null;
        for (int round = 0; round < MostRounds && (best is null || !time.IsOver(part)); round++)
        {
            int[] choice = BestOffers(problem, offers, shares, previous);
            if (previous is not null && choice.AsSpan().SequenceEqual(previous))
                break;
            Allocation next = ShareAllocation.Equalise(problem, offers, choice, time);
            if (best is not null && !(next.RoundSeconds < best.RoundSeconds))
                break;
            best = next;
            shares = next.Shares;
            previous = choice;
        }

        return best!;
    }

    /// <summary>Each device's fastest offer at its shares; of equal ones the one it has, then the first.</summary>
    private static int[] BestOffers(Problem problem, Offers offers, double[]?[] shares, int[]? present)
    {
        int[] choice = new int[offers.DeviceCount];
        double[] inverse = new double[offers.Reserved];
        for (int device = 0; device < choice.Length; device++)
        {
            for (int resource = 0; resource < inverse.Length; resource++)
            {
                int index = offers.Resources[resource];
                inverse[resource] = problem.Resources[index].Capacity / (shares[index]?[device] ?? 0);
            }

            int best = present is null ? offers.First[device] : present[device];
            double least = Seconds(offers, best, inverse);
            for (int offer = offers.First[device]; offer < offers.First[device + 1]; offer++)
            {
                double seconds = Seconds(offers, offer, inverse);
                if (seconds < least)
                    (best, least) = (offer, seconds);
            }

            choice[device] = best;
        }

        return choice;
    }

    private static double Seconds(Offers offers, int offer, double[] inverse)
    {
        double seconds = offers.Fixed[offer];
        for (int resource = 0; resource < inverse.Length; resource++)
        {
            double demand = offers.Demand[resource][offer];
            if (demand > 0)
                seconds += demand * inverse[resource];
        }

        return seconds;
    }
}
