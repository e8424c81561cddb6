namespace EdgeSplit.Planning.Policies;

/// <summary>The same given cut for every device, with the best shares.</summary>
public sealed class FixedCutPolicy(int cut) : IPlanPolicy
{
    public string Name => FormattableString.Invariant($"fixed:{cut}");

    public Decision Decide(Problem problem, PlanningTime time) => GivenCutsPolicy.Decide(problem, _ => cut, time);
}
