using System.Globalization;
using EdgeSplit.Training;

namespace EdgeSplit.Cli.Progress;

/// <summary>One line a round, for pipes and logs.</summary>
internal sealed class PlainProgress(TextWriter output, int rounds)
{
    private RoundFinished? finished;
    private double spent;
    private int roundsDone;

    public void Show(RunEvent happened)
    {
        switch (happened)
        {
            case RunStarted run:
                output.WriteLine(Describe.Start(run));
                if (run.Numerics is { } numerics)
                    output.WriteLine($"its bits are those of {numerics}");
                break;
            case RoundPlanned { RoundSeconds: not null } plan:
                FlushRound(evaluated: null);
                output.WriteLine(Describe.Plan(plan));
                break;
            case RunResumed resumed:
                output.WriteLine(Describe.Resumption(resumed));
                break;
            case SettingsChanged changed:
                output.WriteLine(Describe.Change(changed));
                break;
            case RoundFinished round:
                FlushRound(evaluated: null);
                finished = round;
                spent += round.Seconds;
                roundsDone++;
                break;
            case Evaluated evaluated:
                FlushRound(evaluated);
                break;
            case var _ when Describe.Trouble(happened) is { } trouble:
                FlushRound(evaluated: null);
                output.WriteLine(trouble);
                break;
        }
    }

    /// <summary>Tells of the last round where no evaluation followed it.</summary>
    public void Finish() => FlushRound(evaluated: null);

    /// <summary>A round is told once: with its evaluation, or when the next event shows that it has none.</summary>
    private void FlushRound(Evaluated? evaluated)
    {
        if (finished is not { } round)
            return;
        finished = null;
        string accuracy = evaluated is null ? "" : string.Create(CultureInfo.InvariantCulture, $"  test accuracy {evaluated.Accuracy:0.0000}");
        TimeSpan remaining = TimeSpan.FromSeconds(spent / roundsDone * (rounds - round.Round));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"round {round.Round}/{rounds}  loss {round.Loss:0.0000}{accuracy}  {round.SamplesPerSecond:#,0} samples/s  {Describe.Remaining(remaining)}"));
        output.Flush();
    }
}
