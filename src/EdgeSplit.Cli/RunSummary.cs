using System.Globalization;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Training;

namespace EdgeSplit.Cli;

/// <summary>The last lines of a run: what it came to, where it lies, how it goes on.</summary>
internal static class RunSummary
{
    public static string NothingLeft(RunFolder folder) =>
        $"Nothing is left to train: all rounds are done. Look at it with: edgesplit evaluate {folder.Location}";

    /// <summary>What a person types to go on with a run.</summary>
    public static string ResumeCommand(string command, RunFolder folder) => $"edgesplit {command} --resume {folder.Location}";

    /// <param name="writer">For people.</param>
    /// <param name="command">What trained.</param>
    /// <param name="folder">The run's.</param>
    /// <param name="result">What it came to.</param>
    /// <param name="rounds">The rounds there are in all.</param>
    /// <param name="isUnjudged">Whether there is no test set.</param>
    public static async Task WriteAsync(TextWriter writer, string command, RunFolder folder, TrainingResult result, int rounds, bool isUnjudged = false)
    {
        string accuracy = result.Evaluation is { } evaluation
            ? string.Create(CultureInfo.InvariantCulture, $"; test accuracy {evaluation.Accuracy:0.0000}")
            : result.Rounds > 0 && isUnjudged ? "; nothing was judged, for want of a test set" : "";
        string stopped = result.Rounds < rounds ? ", stopped early" : "";
        string again = isUnjudged ? "" : $"; look again with: edgesplit evaluate {folder.Location}";
        await writer.WriteLineAsync($"{result.Rounds} of {rounds} rounds{stopped}{accuracy}. Everything is in {folder.Location}{again}").ConfigureAwait(false);
        if (result.Rounds < rounds)
            await writer.WriteLineAsync($"Go on with: {ResumeCommand(command, folder)}").ConfigureAwait(false);
    }
}
