using System.Text.Json.Serialization;
using EdgeSplit.Training;

namespace EdgeSplit.Experiments.Runs;

/// <summary>The plan from a round on, until the next one; in <c>plan.json</c> an element of <c>plans</c>, in the style of a planner's plan.</summary>
/// <param name="FromRound">The first round it holds for; rounds count from 1.</param>
/// <param name="Status">What is known of it: <c>optimal</c>, or <c>feasible</c>, as cuts that the experiment file gives.</param>
/// <param name="Policy">What decided it: a policy, or <c>file</c> for the experiment file.</param>
/// <param name="Devices">Those that take part, in the fleet's order.</param>
public sealed record RoundPlan(int FromRound, string Status, string Policy, IReadOnlyList<PlannedDevice> Devices)
{
    /// <summary>What it claims a round takes; null where nothing is known of times.</summary>
    public double? RoundSeconds { get; init; }

    /// <summary>What no plan takes less than.</summary>
    public double? LowerBoundSeconds { get; init; }

    /// <summary>Whether costs behind it were estimated, not measured.</summary>
    public bool? IsEstimate { get; init; }

    /// <summary>Why it was made.</summary>
    public string? Reason { get; init; }

    public static RoundPlan Of(RoundPlanned planned) => new(planned.Round, planned.Status, planned.Policy, planned.Devices)
    {
        RoundSeconds = planned.RoundSeconds,
        LowerBoundSeconds = planned.LowerBoundSeconds,
        IsEstimate = planned.IsEstimate,
        Reason = planned.Reason,
    };
}

internal sealed record PlanFile(IReadOnlyList<RoundPlan> Plans);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(PlanFile))]
internal sealed partial class PlanJson : JsonSerializerContext;
