using System.Globalization;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Training;

namespace EdgeSplit.Cli;

/// <summary>The last line of a run: what it came to, and where it lies.</summary>
internal static class RunSummary
{
    /// <param name="writer">Where to.</param>
    /// <param name="folder">The run's.</param>
    /// <param name="result">What it came to.</param>
    /// <param name="rounds">How many there were to be.</param>
    /// <param name="resumeCommand">What goes on with it where it stopped early.</param>
    public static async Task WriteAsync(TextWriter writer, RunFolder folder, TrainingResult result, int rounds, string? resumeCommand = null)
    {
        string accuracy = result.Evaluation is { } evaluation
            ? string.Create(CultureInfo.InvariantCulture, $"; test accuracy {evaluation.Accuracy:0.0000}")
            : "";
        string stopped = result.Rounds < rounds ? ", stopped early" : "";
        await writer.WriteLineAsync(
            $"{result.Rounds} of {rounds} rounds{stopped}{accuracy}. Everything is in {folder.Location}; look again with: edgesplit evaluate {folder.Location}").ConfigureAwait(false);
        if (result.Rounds < rounds && resumeCommand is not null)
            await writer.WriteLineAsync($"Go on with: {resumeCommand}").ConfigureAwait(false);
    }
}
