using EdgeSplit.Compute;
using EdgeSplit.Models;

namespace EdgeSplit.Training;

/// <summary>What all rounds of a run have in common.</summary>
/// <param name="Network">What is trained.</param>
/// <param name="Training">How.</param>
/// <param name="Fleet">By whom.</param>
/// <param name="Lanes">Where the server's part of the arithmetic runs.</param>
/// <param name="Failures">What becomes of a round in which devices fail.</param>
/// <param name="Report">Told of each event; may be called by devices side by side.</param>
/// <param name="Observe">Told of what a device's round took.</param>
/// <param name="Clock">For durations and deadlines.</param>
internal sealed record RunSetting(
    Network Network, TrainingSpec Training, IFleet Fleet, ComputeLanes Lanes, FailurePolicy Failures, Action<RunEvent> Report,
    Action<DeviceMeasurement> Observe, TimeProvider Clock);

/// <summary>What all devices of an attempt at a round have in common.</summary>
/// <param name="Round">From 1.</param>
/// <param name="LearningRate">Of this round.</param>
/// <param name="Global">The weights it starts from.</param>
/// <param name="DeadlineSeconds">The deadline, from the round's start or from each turn's; null for as long as it takes.</param>
/// <param name="FinishedBefore">The devices that finished the attempt before at the same round; null where this is the first.</param>
internal sealed record RoundTerms(int Round, double LearningRate, Weights Global, double? DeadlineSeconds, IReadOnlySet<int>? FinishedBefore);

/// <summary>What a method has one device do in an attempt at a round.</summary>
/// <param name="Assignment">Which device, at which cut.</param>
/// <param name="DeviceSide">What it starts from: weights of blocks 1..c at least, valid until the attempt ends.</param>
/// <param name="ServerSide">Makes what answers its steps: once, and once more each time it begins again.</param>
internal sealed record DevicePart(Assignment Assignment, Weights DeviceSide, Func<IServerSide> ServerSide)
{
    /// <summary>Whether it may begin again after its link closed: not where others go on with the server side meanwhile.</summary>
    public bool MayBeginAgain { get; init; } = true;

    /// <summary>The end of the wait for this device; null for the deadline that others have too.</summary>
    public CancellationToken? Late { get; init; }
}
