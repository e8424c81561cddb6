using EdgeSplit.Numerics;
using EdgeSplit.Planning.Optimization;

namespace EdgeSplit.Planning.Policies;

/// <summary>Each device draws one of its feasible cuts by seed; shares are the best for those.</summary>
public sealed class RandomPolicy(ulong seed) : IPlanPolicy
{
    public string Name => FormattableString.Invariant($"random:{seed}");

    public Decision Decide(Problem problem, PlanningTime time)
    {
        SeededRandom random = new(seed);
        int[] options = new int[problem.DeviceCount];
        for (int device = 0; device < options.Length; device++)
        {
            int[] offered = [.. Enumerable.Range(problem.FirstOption(device), problem.FirstOption(device + 1) - problem.FirstOption(device))
                .Where(option => problem.IsOffered(device, option))];
            options[device] = offered[random.NextInt(offered.Length)];
        }

        return Decision.Of(ShareAllocation.Equalise(problem, options, time));
    }
}
