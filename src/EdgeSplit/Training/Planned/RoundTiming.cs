using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Wire;

namespace EdgeSplit.Training.Planned;

/// <summary>What a training method makes of a plan's cuts.</summary>
/// <param name="RoundSeconds">How long it claims a round takes.</param>
/// <param name="Shares">What each device may use of the link while it sends or is sent to, in the plan's order.</param>
public sealed record RoundTiming(double RoundSeconds, IReadOnlyList<LinkShare> Shares)
{
    /// <summary>Of methods whose devices go side by side: what the plan says.</summary>
    public static RoundTiming SideBySide(ProblemBuilder costs, Plan plan) => new(
        plan.RoundSeconds,
        [.. Enumerable.Range(0, plan.Problem.DeviceCount).Select(device =>
            new LinkShare(plan.Share(device, ProblemBuilder.Uplink), plan.Share(device, costs.Downlink)))]);
}
