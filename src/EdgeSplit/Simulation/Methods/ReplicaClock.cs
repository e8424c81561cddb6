using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Planning.Policies;

namespace EdgeSplit.Simulation.Methods;

/// <summary>
/// Methods whose server trains a replica of its part for each device (arXiv:2403.15815; SplitFedV1, Thapa et al. 2022): all devices go
/// through their steps on their own, with their share of the link, and meet at the server's lanes only.
/// </summary>
internal sealed class ReplicaClock(string method, CutChoice cuts) : MethodClock
{
    public override string Method => method;

    public override CutChoice Cuts => cuts;

    public override string Explanation =>
        "all devices side by side, each with its share of the link; the server runs each device's replica on the next free lane";

    public override MethodTime Time(ProblemBuilder costs, IPlanPolicy policy, bool lendsIdleShares = false, PlanningTime? planning = null)
    {
        Plan plan = Planner.Decide(costs.ToProblem(), policy, planning);
        if (plan.Status == PlanStatus.Infeasible)
            return Infeasible(plan);
        SimulatedRound round = RoundSimulator.Run(
            plan, FleetWorkloads.Of(costs, plan), new SimulationOptions(LendIdleShares: lendsIdleShares, RecordTrace: true));
        return Timed(costs, plan, round.RoundSeconds, round.Trace);
    }
}
