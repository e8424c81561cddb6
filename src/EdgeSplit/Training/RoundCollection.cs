using EdgeSplit.Wire;

namespace EdgeSplit.Training;

/// <summary>What comes in of one attempt at a round: whose updates, and who is left out. The method makes a model of the updates.</summary>
/// <param name="round">From 1.</param>
/// <param name="participants">How many devices were asked.</param>
/// <param name="needed">How many updates there must be.</param>
internal sealed class RoundCollection(int round, int participants, int needed)
{
    private readonly HashSet<int> finished = [];
    private readonly List<(string Device, DeviceFailedException Failure)> leftOut = [];

    public TrainingTally Tally { get; private set; }

    /// <summary>Whether the updates needed are there.</summary>
    public bool IsEnough => finished.Count >= needed;

    /// <summary>Whether they can no longer come.</summary>
    public bool IsLost => participants - leftOut.Count < needed;

    /// <summary>Whether no further attempt can have the updates needed: too many devices are gone for good, or refuse to do their part in any.</summary>
    public bool IsHopeless =>
        participants - leftOut.Count(one => one.Failure.Reason is LeftOutReason.Gone or LeftOutReason.Refused) < needed;

    /// <summary>The devices whose updates were taken in: nothing of this attempt is left on their links.</summary>
    public IReadOnlySet<int> Finished => finished;

    /// <summary>Counts a device's update.</summary>
    public DeviceFinished Add(Assignment assignment, string name, DeviceUpdate update)
    {
        Tally += update.Tally;
        finished.Add(assignment.Device);
        return new DeviceFinished(
            round, name, assignment.Cut, update.Tally.Samples, update.Tally.Steps, update.Tally.Loss, update.BytesUp, update.BytesDown, update.Seconds);
    }

    /// <summary>Goes on without a device.</summary>
    public DeviceLeftOut LeaveOut(string name, DeviceFailedException failure)
    {
        leftOut.Add((name, failure));
        return new DeviceLeftOut(round, name, failure.Reason, failure.Message);
    }

    /// <summary>Another try at the round, after this one had too few updates.</summary>
    public RoundRepeated ToRepeat() => new(round, finished.Count, needed);

    /// <summary>The end of all tries, after this one had too few updates.</summary>
    /// <param name="tries">How many there were.</param>
    /// <param name="learningRate">Of the round.</param>
    public RoundFailedException ToFailure(int tries, double learningRate)
    {
        string failures = string.Join("; ", leftOut.Select(one => $"{one.Device}: {one.Failure.Message.TrimEnd('.')}"));
        string tried = tries > 1 ? $", though it was tried {tries} times" : "";
        return new RoundFailedException(
            $"round {round} cannot have the {needed} of {participants} updates that it needs{tried}: {failures}", leftOut[0].Failure)
        {
            DivergedAt = leftOut.All(one => one.Failure.Reason == LeftOutReason.NotFinite) ? learningRate : null,
        };
    }
}
