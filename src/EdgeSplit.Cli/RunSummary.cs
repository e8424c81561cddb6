using System.Globalization;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Training;

namespace EdgeSplit.Cli;

/// <summary>The last line of a run: what it came to, and where it lies.</summary>
internal static class RunSummary
{
    public static Task WriteAsync(TextWriter writer, RunFolder folder, TrainingResult result, int rounds)
    {
        string accuracy = result.Evaluation is { } evaluation
            ? string.Create(CultureInfo.InvariantCulture, $"; test accuracy {evaluation.Accuracy:0.0000}")
            : "";
        string stopped = result.Rounds < rounds ? ", stopped early" : "";
        return writer.WriteLineAsync(
            $"{result.Rounds} of {rounds} rounds{stopped}{accuracy}. Everything is in {folder.Location}; look again with: edgesplit evaluate {folder.Location}");
    }
}
