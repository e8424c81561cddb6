namespace EdgeSplit.Planning.Policies;

/// <summary>The whole network on every device, which is the problem's highest cut: federated averaging's plan.</summary>
public sealed class FullLocalPolicy : IPlanPolicy
{
    public string Name => "full-local";

    public Decision Decide(Problem problem, PlanningTime time) => new FixedCutPolicy(problem.HighestCut).Decide(problem, time);
}
