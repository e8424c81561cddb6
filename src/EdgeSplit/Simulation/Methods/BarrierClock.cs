using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Planning.Policies;

namespace EdgeSplit.Simulation.Methods;

/// <summary>
/// Parallel split learning (Jeon &amp; Kim 2020): at every step the server waits for the smashed data of all devices that still have
/// steps to make, then takes one step on the concatenated batch. The rows of different devices go to different lanes, divided
/// perfectly, which no server does better; shares are those that let a step of all devices end together, or the round, whichever is faster.
/// </summary>
internal sealed class BarrierClock : MethodClock
{
    public override string Method => "psl";

    public override CutChoice Cuts => CutChoice.Common;

    public override string Explanation =>
        "all devices step by step together: the server waits for the slowest device's data, then trains one model on the whole batch with all its lanes";

    public override MethodTime Time(ProblemBuilder costs, IPlanPolicy policy, bool lendsIdleShares = false)
    {
        Plan round = Planner.Decide(costs.ToProblem(), policy);
        if (round.Status == PlanStatus.Infeasible)
            return Infeasible(round);
        MethodTime byRound = Run(costs, round), byStep = Run(costs, StepShares.Of(costs, round));
        return byRound.RoundSeconds <= byStep.RoundSeconds ? byRound : byStep;
    }

    private MethodTime Run(ProblemBuilder costs, Plan plan)
    {
        BarrierRound barrier = new(costs, plan);
        double end = barrier.Run();
        return Timed(costs, plan, end, barrier.Trace);
    }
}
