using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Planning.Policies;

namespace EdgeSplit.Simulation.Methods;

/// <summary>
/// Methods whose devices share one server side: at every step the server waits for the smashed data of all devices that still have
/// steps to make. In parallel split learning (Jeon &amp; Kim 2020) it then takes one step on the concatenated batch, the rows of different
/// devices on different lanes, divided perfectly, which no server does better. In SplitFedV2 (Thapa et al. 2022) it takes a step on one
/// device's batch after another, and each device has its answer with its turn. Shares are those that let a step of all devices end
/// together, or the round, whichever is faster.
/// </summary>
internal sealed class BarrierClock(string method, bool takesTurns) : MethodClock
{
    public override string Method => method;

    public override CutChoice Cuts => CutChoice.Common;

    public override string Explanation => takesTurns
        ? "all devices step by step together: the server waits for the slowest device's data, then trains one model on one device's batch after another"
        : "all devices step by step together: the server waits for the slowest device's data, then trains one model on the whole batch with all its lanes";

    public override MethodTime Time(ProblemBuilder costs, IPlanPolicy policy, bool lendsIdleShares = false, PlanningTime? planning = null)
    {
        Plan round = Planner.Decide(costs.ToProblem(), policy, planning);
        if (round.Status == PlanStatus.Infeasible)
            return Infeasible(round);
        MethodTime byRound = Run(costs, round), byStep = Run(costs, StepShares.Of(costs, round));
        return byRound.RoundSeconds <= byStep.RoundSeconds ? byRound : byStep;
    }

    private MethodTime Run(ProblemBuilder costs, Plan plan)
    {
        BarrierRound barrier = new(costs, plan, takesTurns);
        double end = barrier.Run();
        return Timed(costs, plan, end, barrier.Trace);
    }
}
