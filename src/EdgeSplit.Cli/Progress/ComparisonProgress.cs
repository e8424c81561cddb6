using System.Globalization;
using EdgeSplit.Experiments.Comparisons;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Training;
using Spectre.Console;

namespace EdgeSplit.Cli.Progress;

/// <summary>How a comparison shows itself while it trains: the whole, and each training at work.</summary>
internal static class ComparisonProgress
{
    /// <param name="kind">How; null for bars in a terminal, lines elsewhere.</param>
    /// <param name="output">Where lines go.</param>
    /// <param name="error">Where it is told that it stops.</param>
    /// <param name="trainings">All of them.</param>
    /// <param name="train">Trains, reports, and ends when the signal says so.</param>
    public static async Task<bool> RunAsync(
        ProgressKind? kind, TextWriter output, TextWriter error, IReadOnlyList<ComparisonTraining> trainings,
        Func<Action<ComparisonTraining, RunEvent>, StopSignal, Task<bool>> train)
    {
        bool isLive = kind == ProgressKind.Live || (kind is null && !Console.IsOutputRedirected);
        using StopSignal signal = new(isLive ? AnsiConsole.Console.WriteLine : error.WriteLine, TimeProvider.System);
        signal.BeginTraining();
        if (kind == ProgressKind.Json)
            return await train((_, happened) => output.WriteLine(RunEvents.ToLine(happened)), signal).ConfigureAwait(false);
        if (!isLive)
            return await train((training, happened) => WriteLine(output, training, happened), signal).ConfigureAwait(false);
        return await AnsiConsole.Console.Progress()
            .AutoClear(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new SpinnerColumn())
            .StartAsync(async context =>
            {
                ProgressTask whole = context.AddTask("all trainings", maxValue: trainings.Sum(training => training.Experiment.Training.Rounds));
                Dictionary<string, ProgressTask> each = [];
                return await train((training, happened) => Show(context, whole, each, training, happened), signal).ConfigureAwait(false);
            }).ConfigureAwait(false);
    }

    private static void WriteLine(TextWriter output, ComparisonTraining training, RunEvent happened)
    {
        string? line = happened switch
        {
            RunStarted => $"{training.Name}: begins{(training.Serves.Count > 1 ? $", for {string.Join(", ", training.Serves)}" : "")}",
            RunResumed resumed => $"{training.Name}: goes on after round {resumed.Round}",
            Evaluated judged => string.Create(
                CultureInfo.InvariantCulture, $"{training.Name}: round {judged.Round}/{training.Experiment.Training.Rounds}  test accuracy {judged.Accuracy:0.0000}"),
            RunFinished end => string.Create(
                CultureInfo.InvariantCulture, $"{training.Name}: {(end.Reason == RunEnd.Completed ? "done" : "stopped")} after {Describe.Duration(TimeSpan.FromSeconds(end.WallSeconds))}"),
            var _ => Describe.Trouble(happened) is { } trouble ? $"{training.Name}: {trouble}" : null,
        };
        if (line is null)
            return;
        output.WriteLine(line);
        output.Flush();
    }

    private static void Show(
        ProgressContext context, ProgressTask whole, Dictionary<string, ProgressTask> each, ComparisonTraining training, RunEvent happened)
    {
        if (!each.TryGetValue(training.Name, out ProgressTask? task))
            each[training.Name] = task = context.AddTask(Markup.Escape(training.Name), maxValue: training.Experiment.Training.Rounds);
        switch (happened)
        {
            case RunResumed resumed:
                task.Increment(resumed.Round);
                whole.Increment(resumed.Round);
                break;
            case RoundFinished:
                task.Increment(1);
                whole.Increment(1);
                break;
            case Evaluated judged:
                task.Description = Markup.Escape(string.Create(CultureInfo.InvariantCulture, $"{training.Name}  accuracy {judged.Accuracy:0.000}"));
                break;
            case RunFinished:
                task.StopTask();
                break;
        }
    }
}
