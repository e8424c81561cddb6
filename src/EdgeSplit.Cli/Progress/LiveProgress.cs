using System.Globalization;
using EdgeSplit.Training;
using Spectre.Console;

namespace EdgeSplit.Cli.Progress;

/// <summary>Bars that redraw in place: one for the run, one for the round at work.</summary>
internal sealed class LiveProgress
{
    private readonly IAnsiConsole console;
    private readonly ProgressTask run;
    private readonly ProgressTask round;
    private readonly int rounds;
    private double spent;
    private int roundsDone;
    private string accuracy = "";

    private LiveProgress(IAnsiConsole console, ProgressContext context, int rounds)
    {
        this.console = console;
        this.rounds = rounds;
        run = context.AddTask("0 rounds", maxValue: rounds);
        round = context.AddTask("first round", maxValue: 1);
    }

    /// <summary>Runs <paramref name="work"/> with a live display, which it feeds through the action it is given.</summary>
    public static Task<T> RunAsync<T>(IAnsiConsole console, int rounds, Func<Action<RunEvent>, Task<T>> work) =>
        console.Progress()
            .AutoClear(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new SpinnerColumn())
            .StartAsync(context => work(new LiveProgress(console, context, rounds).Show));

    private void Show(RunEvent happened)
    {
        switch (happened)
        {
            case RoundStarted started:
                round.Description = $"round {started.Round}: 0 of {started.Participants.Count} devices";
                round.Value = 0;
                round.MaxValue = started.Participants.Count;
                break;
            case DeviceFinished device:
                round.Increment(1);
                round.Description = Markup.Escape($"round {device.Round}: {device.Device} done, cut {device.Cut}");
                break;
            case DeviceLeftOut:
                round.Increment(1);
                console.WriteLine(Describe.Trouble(happened)!);
                break;
            case RunResumed resumed:
                run.Value = resumed.Round;
                console.WriteLine(Describe.Resumption(resumed));
                break;
            case SettingsChanged changed:
                console.WriteLine(Describe.Change(changed));
                break;
            case RoundFinished finished:
                spent += finished.Seconds;
                roundsDone++;
                TimeSpan remaining = TimeSpan.FromSeconds(spent / roundsDone * (rounds - finished.Round));
                run.Value = finished.Round;
                run.Description = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{finished.Round}/{rounds} rounds  loss {finished.Loss:0.000}{accuracy}  {finished.SamplesPerSecond:#,0} samples/s  {Describe.Remaining(remaining)}");
                break;
            case Evaluated evaluated:
                accuracy = string.Create(CultureInfo.InvariantCulture, $"  accuracy {evaluated.Accuracy:0.000}");
                break;
            case var _ when Describe.Trouble(happened) is { } trouble:
                console.WriteLine(trouble);
                break;
        }
    }
}
