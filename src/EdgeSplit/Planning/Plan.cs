using System.Collections.Immutable;

namespace EdgeSplit.Planning;

/// <summary>What is known of a plan.</summary>
public enum PlanStatus
{
    /// <summary>The lower bound meets it: no plan is faster by more than <see cref="Plan.CertifiedGap"/>, relative.</summary>
    Optimal,

    /// <summary>A plan, not shown to be the best.</summary>
    Feasible,

    /// <summary>There is no plan; the devices in the way are named.</summary>
    Infeasible,
}

/// <summary>The decision: a cut for every device and its share of every reserved resource.</summary>
public sealed class Plan
{
    /// <summary>The largest relative gap between a plan and its lower bound that is still called optimal.</summary>
    public const double CertifiedGap = 1e-6;

    private readonly int[] options = [];
    private readonly double[]?[] shares = [];
    private readonly double[] deviceSeconds = [];

    internal Plan(Problem problem, string policy, Allocation allocation, double lowerBoundSeconds)
    {
        Problem = problem;
        Policy = policy;
        options = allocation.Options;
        shares = allocation.Shares;
        deviceSeconds = allocation.DeviceSeconds;
        RoundSeconds = allocation.RoundSeconds;
        LowerBoundSeconds = Math.Min(lowerBoundSeconds, RoundSeconds);
        Status = Gap <= CertifiedGap ? PlanStatus.Optimal : PlanStatus.Feasible;
    }

    internal Plan(Problem problem, string policy, ImmutableArray<InfeasibleDevice> infeasible)
    {
        Problem = problem;
        Policy = policy;
        Infeasible = infeasible;
        Status = PlanStatus.Infeasible;
        RoundSeconds = LowerBoundSeconds = double.PositiveInfinity;
    }

    public Problem Problem { get; }

    /// <summary>The policy that decided, by its name.</summary>
    public string Policy { get; }

    public PlanStatus Status { get; }

    /// <summary>Seconds of a round; with a work-conserving resource, a lower bound on what a simulation or a run shows.</summary>
    public double RoundSeconds { get; }

    /// <summary>No plan for this problem takes less, whatever the policy.</summary>
    public double LowerBoundSeconds { get; }

    /// <summary>(round − bound) / round: how much faster another plan could be at most.</summary>
    public double Gap => RoundSeconds > 0 ? (RoundSeconds - LowerBoundSeconds) / RoundSeconds : 0;

    /// <summary>The time limit that the search met, so that another machine might have found another plan; null where it ended by itself.</summary>
    public TimeSpan? TimeLimit { get; internal init; }

    /// <summary>The devices in the way of a plan; empty where there is one.</summary>
    public ImmutableArray<InfeasibleDevice> Infeasible { get; } = [];

    /// <summary>The device's option in the problem.</summary>
    public int Option(int device) => options[device];

    public int Cut(int device) => Problem.Cut(options[device]);

    /// <summary>The device's share of a reserved resource, in the resource's units per second; 0 where it needs none.</summary>
    public double Share(int device, int resource) => shares[resource] is { } amounts ? amounts[device] : 0;

    /// <summary>When the device ends, in seconds from the round's start.</summary>
    public double DeviceSeconds(int device) => deviceSeconds[device];

    /// <summary>The device that ends last; the first of them where several do to within a billionth.</summary>
    public int Straggler()
    {
        double last = deviceSeconds.Max();
        return Array.FindIndex(deviceSeconds, seconds => seconds >= last * (1 - 1e-9));
    }
}

/// <summary>Chosen options with shares of each reserved resource (null for a work-conserving one) and the times that follow.</summary>
internal sealed record Allocation(int[] Options, double[]?[] Shares, double[] DeviceSeconds, double RoundSeconds);
