using EdgeSplit.Wire;

namespace EdgeSplit.Training;

/// <summary>What decides the cuts and shares of each round: an experiment file, or a planner.</summary>
public interface ICutPlan
{
    /// <summary>The devices that may take part, ascending; the others are left out of every round.</summary>
    IReadOnlyList<int> Devices { get; }

    /// <summary>Decides a round.</summary>
    /// <param name="round">From 1.</param>
    /// <param name="participants">The devices that take part, ascending.</param>
    PlannedRound Decide(int round, IReadOnlyList<int> participants);

    /// <summary>
    /// Goes on with a plan that was decided before the run was ended: it holds until something calls for another. Where it is not
    /// of these devices, the plan begins anew.
    /// </summary>
    void GoOnWith(RoundPlanned planned)
    {
    }

    /// <summary>Takes in what a device's round took, for the rounds to come.</summary>
    void Observe(DeviceMeasurement measurement);
}

/// <summary>One device's part in one round.</summary>
/// <param name="Device">Its index in the fleet.</param>
/// <param name="Cut">Blocks 1..cut run on it.</param>
/// <param name="Share">What it may use of the shared link; null for all it can.</param>
public readonly record struct Assignment(int Device, int Cut, LinkShare? Share = null);

/// <summary>A round as decided.</summary>
/// <param name="Assignments">A part for each participant, in the order they were given.</param>
/// <param name="RoundSeconds">What the plan claims the round takes; null where nothing is known of times.</param>
public sealed record PlannedRound(IReadOnlyList<Assignment> Assignments, double? RoundSeconds = null)
{
    /// <summary>The decision, where this round's is a new one.</summary>
    public RoundPlanned? Decision { get; init; }
}

/// <summary>What a device's round took.</summary>
/// <param name="Round">From 1.</param>
/// <param name="Device">Its index in the fleet.</param>
/// <param name="Cut">Blocks 1..cut ran on it.</param>
/// <param name="ComputeSeconds">Forward, backward and optimizer steps on the device, waiting excluded.</param>
public sealed record DeviceMeasurement(int Round, int Device, int Cut, double ComputeSeconds)
{
    /// <summary>The rate at which its messages came, while they came; null where nothing was measured.</summary>
    public double? UplinkBitsPerSecond { get; init; }

    /// <summary>The rate at which messages to it went; null where nothing was measured.</summary>
    public double? DownlinkBitsPerSecond { get; init; }

    /// <summary>Of one message; null where nothing was measured.</summary>
    public double? LatencySeconds { get; init; }
}
