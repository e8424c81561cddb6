using EdgeSplit.Planning.Costs;
using EdgeSplit.Planning.Policies;

namespace EdgeSplit.Simulation.Methods;

/// <summary>
/// SplitFedV2 (Thapa et al. 2022): the device sides run side by side, but the server has one shared server side, which takes one
/// device's batch at a time. It is training with replicas on a server of a single lane.
/// </summary>
internal sealed class SharedSegmentClock : MethodClock
{
    private readonly ReplicaClock replicas = new("splitfed-v2", CutChoice.Common);

    public override string Method => replicas.Method;

    public override CutChoice Cuts => replicas.Cuts;

    public override string Explanation =>
        "all devices side by side, each with its share of the link; the server trains one shared model on one device's batch at a time";

    public override MethodTime Time(ProblemBuilder costs, IPlanPolicy policy, bool lendsIdleShares = false)
    {
        Fleet oneLane = costs.Fleet with { Server = costs.Fleet.Server with { Lanes = 1 } };
        return replicas.Time(new ProblemBuilder(costs.Network, oneLane, costs.Work), policy, lendsIdleShares);
    }
}
