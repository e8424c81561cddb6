using System.Text.Json.Serialization;
using EdgeSplit.Training;

namespace EdgeSplit.Experiments.Runs;

/// <summary>The plan from a round on, until the next one; in <c>plan.json</c> an element of <c>plans</c>, in the style of a planner's plan.</summary>
/// <param name="FromRound">The first round it holds for; rounds count from 1.</param>
/// <param name="Status">What is known of it: <c>feasible</c> for cuts the experiment file gives.</param>
/// <param name="Policy">What decided it: <c>file</c> for the experiment file.</param>
/// <param name="Devices">The fleet, in its order.</param>
public sealed record RoundPlan(int FromRound, string Status, string Policy, IReadOnlyList<PlannedDevice> Devices)
{
    /// <summary>The cuts an experiment file gives, for all rounds.</summary>
    public static RoundPlan FromFile(IReadOnlyList<PlannedDevice> devices) => new(1, "feasible", "file", devices);
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
