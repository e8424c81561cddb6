using EdgeSplit.Training;

namespace EdgeSplit.Experiments.Runs;

/// <summary>What a run that went on does otherwise than before, from a round on.</summary>
/// <param name="FromRound">The first round it holds for.</param>
/// <param name="Set">As on the command line: <c>training.rounds=10</c>.</param>
public sealed record RunChange(int FromRound, IReadOnlyList<string> Set)
{
    private const string Rounds = "training.rounds";
    private const string LearningRate = "training.learningRate";

    internal bool SetsLearningRate => Set.Any(IsLearningRate);

    /// <summary>The keys that a run can go on with otherwise; all else makes another run of it.</summary>
    /// <param name="set">What was asked for.</param>
    /// <param name="option">Of the command line, for faults.</param>
    public static IEnumerable<Fault> Refusals(IEnumerable<string> set, string option) =>
        from text in set
        let key = KeyOf(text)
        where key != Rounds && !IsLearningRate(text)
        select new Fault(
            $"{option} {text}", $"a run that goes on keeps its {key}", $"change {Rounds} or {LearningRate}, which it can go on with, or train anew without --resume");

    /// <summary>The experiment as it goes on.</summary>
    /// <param name="before">As it went.</param>
    /// <param name="read">As it reads with everything that was ever set.</param>
    internal Experiment Apply(Experiment before, Experiment read) => before with
    {
        Training = before.Training with
        {
            Rounds = read.Training.Rounds,
            LearningRate = SetsLearningRate
                ? new LearningRateSchedule.Changed(before.Training.LearningRate, before.Training.Rounds, FromRound, read.Training.LearningRate)
                : before.Training.LearningRate,
        },
    };

    /// <summary>Why a run cannot go on so.</summary>
    /// <param name="before">As it went.</param>
    /// <param name="after">As it would go on.</param>
    internal IEnumerable<Fault> Faults(TrainingSpec before, TrainingSpec after)
    {
        int done = FromRound - 1;
        if (after.Rounds <= done)
        {
            yield return new Fault(Rounds, $"{done} rounds are done, and {after.Rounds} are asked for", $"give more than {done} with --set {Rounds}=N");
        }
        else if (after.Rounds != before.Rounds && !SetsLearningRate && before.LearningRate.DependsOnRounds)
        {
            yield return new Fault(
                Rounds, $"the learning rate falls over all {before.Rounds} rounds, so that the rounds done would have had others",
                $"say --set {LearningRate}=X too: it holds from round {FromRound} on, and a schedule in it begins there");
        }
    }

    /// <summary>What of it differs from before, as an event; null where nothing does.</summary>
    internal SettingsChanged? ToEvent(TrainingSpec before, TrainingSpec after)
    {
        int? rounds = after.Rounds == before.Rounds ? null : after.Rounds;
        LearningRateSchedule? rate = after.LearningRate is LearningRateSchedule.Changed changed && SetsLearningRate && changed.After != Latest(before.LearningRate)
            ? changed.After
            : null;
        return rounds is null && rate is null ? null : new SettingsChanged(FromRound) { Rounds = rounds, LearningRate = rate?.Initial, Schedule = rate?.Name };
    }

    private static LearningRateSchedule Latest(LearningRateSchedule schedule) => schedule is LearningRateSchedule.Changed changed ? changed.After : schedule;

    private static string KeyOf(string text) => text.Split('=', 2)[0].Trim();

    private static bool IsLearningRate(string text) => KeyOf(text) is var key && (key == LearningRate || key.StartsWith(LearningRate + ".", StringComparison.Ordinal));
}
