namespace EdgeSplit.Planning.Policies;

/// <summary>One way to decide cuts and shares. Policies never meet a device without a feasible cut.</summary>
public interface IPlanPolicy
{
    /// <summary>The name it is chosen by, arguments included (<c>fixed:3</c>).</summary>
    string Name { get; }

    /// <summary>The decision. A policy without a plan for a problem that has one names the devices in its way.</summary>
    /// <param name="problem">What is asked.</param>
    /// <param name="time">How long it may take.</param>
    Decision Decide(Problem problem, PlanningTime time);
}

/// <summary>What a policy decided; <see cref="Planner"/> adds the bound.</summary>
public sealed class Decision
{
    private Decision()
    {
    }

    internal Allocation? Allocation { get; private init; }

    internal double LowerBoundSeconds { get; private init; }

    internal IReadOnlyList<InfeasibleDevice> Infeasible { get; private init; } = [];

    internal static Decision Of(Allocation allocation, double lowerBoundSeconds = 0) =>
        new() { Allocation = allocation, LowerBoundSeconds = lowerBoundSeconds };

    internal static Decision None(IReadOnlyList<InfeasibleDevice> infeasible) => new() { Infeasible = infeasible };
}
