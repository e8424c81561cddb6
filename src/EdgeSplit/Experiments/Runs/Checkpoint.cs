using System.Text.Json.Serialization;
using EdgeSplit.Training;

namespace EdgeSplit.Experiments.Runs;

/// <summary>Where a run stands after a round: with the weights, all it takes to go on as if it had never stopped.</summary>
/// <param name="Round">The last round completed; 0 before the first.</param>
/// <param name="Evaluation">Of its weights; null where they were not evaluated.</param>
/// <param name="ExperimentDigest">SHA-256 of the experiment they belong to, as the run folder holds it.</param>
/// <param name="ElapsedSeconds">What the run has taken.</param>
/// <param name="EventBytes">The part of <c>events.jsonl</c> that tells of it.</param>
/// <param name="MetricBytes">The part of <c>metrics.csv</c> that tells of it.</param>
public sealed record Checkpoint(
    int Round, Evaluation? Evaluation, string ExperimentDigest, double ElapsedSeconds, long EventBytes, long MetricBytes);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(Checkpoint))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
