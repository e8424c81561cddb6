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

    public string Name => "edgesplit";

    public Decision Decide(Problem problem) => Decision.Of(Alternate(problem));

    internal static Allocation Alternate(Problem problem)
    {
        double[]?[] shares = ShareAllocation.EqualShares(problem);
        int[]? previous = null;
        Allocation? best = null;
        for (int round = 0; round < MostRounds; round++)
        {
            int[] options = EqualSharesPolicy.BestCuts(problem, shares, previous);
            if (previous is not null && options.AsSpan().SequenceEqual(previous))
                break;
            Allocation next = ShareAllocation.Equalise(problem, options);
            if (best is not null && !(next.RoundSeconds < best.RoundSeconds))
                break;
            best = next;
            shares = next.Shares;
            previous = options;
        }

        return best!;
    }
}
