using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Planning.Policies;

namespace EdgeSplit.Simulation.Methods;

/// <summary>
/// Federated averaging (McMahan et al. 2017): weights down, local steps, weights up; the link divided so that all devices end
/// together. It is training with replicas at the cut L, after which the server has nothing to do.
/// </summary>
internal sealed class WholeNetworkClock : MethodClock
{
    private readonly ReplicaClock replicas = new("fedavg", CutChoice.WholeNetwork);

    public override string Method => replicas.Method;

    public override CutChoice Cuts => replicas.Cuts;

    public override string Explanation => "weights down, every device trains the whole network, weights up, with its share of the link";

    public override MethodTime Time(ProblemBuilder costs, IPlanPolicy policy, bool lendsIdleShares = false, PlanningTime? planning = null) =>
        replicas.Time(costs, new FullLocalPolicy(), lendsIdleShares, planning);
}
