using EdgeSplit.Experiments.Keys;
using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Planning.Policies;
using EdgeSplit.Simulation.Methods;
using EdgeSplit.Training;
using EdgeSplit.Training.Planned;
using EdgeSplit.Wire;

namespace EdgeSplit.Experiments;

/// <summary>What a round of a method takes, and what its devices may use of the link, where they do not simply go side by side.</summary>
internal static class MethodTiming
{
    /// <summary>By the method's clock; null where plans have it right themselves.</summary>
    /// <param name="method">The method.</param>
    /// <param name="lendsIdleShares">What one device leaves idle of the link, the others use.</param>
    public static Func<ProblemBuilder, Plan, RoundTiming>? Of(Method method, bool lendsIdleShares)
    {
        if (method is not (Method.Split or Method.SplitFedV2 or Method.Psl))
            return null;
        MethodClock clock = MethodClocks.Of(Vocabulary.NameOf(method));
        return (costs, plan) =>
        {
            IPlanPolicy cuts = new GivenCutsPolicy([.. Enumerable.Range(0, plan.Problem.DeviceCount).Select(plan.Cut)]);
            MethodTime time = clock.Time(costs, cuts, lendsIdleShares);
            return new RoundTiming(time.RoundSeconds, [.. time.Devices.Select((device, index) => ShareOf(device, index, costs, plan.Problem))]);
        };
    }

    /// <summary>A device that has no share has the whole link while it is its turn, as far as its own reaches.</summary>
    private static LinkShare ShareOf(DeviceTime time, int device, ProblemBuilder costs, Problem problem) => new(
        time.UplinkShare ?? Whole(problem, device, ProblemBuilder.Uplink),
        time.DownlinkShare ?? Whole(problem, device, costs.Downlink));

    private static double Whole(Problem problem, int device, int resource) =>
        Math.Min(problem.Resources[resource].Capacity, problem.Cap(device, resource));
}
