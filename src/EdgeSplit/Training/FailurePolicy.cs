namespace EdgeSplit.Training;

/// <summary>What becomes of a round in which devices fail.</summary>
/// <remarks>
/// A device fails a round when it is late, when its link closes and does not come back in time, when it sends what was not
/// agreed, or when its update holds NaN or infinity. It is left out of that round's mean and takes part again in the next.
/// </remarks>
public sealed record FailurePolicy
{
    /// <summary>
    /// Every device counts, and the first that fails ends the run: for devices of one process, which would fail again for the
    /// same reason.
    /// </summary>
    public static FailurePolicy Strict { get; } = new();

    /// <summary>
    /// Every device counts, but may come back, and a round may be repeated: for devices on their own. Waits for ever unless a
    /// deadline is added, but says for whom.
    /// </summary>
    public static FailurePolicy Tolerant { get; } = new() { RestartsAtMost = 10, RepeatsAtMost = 5, TellsOfWaiting = true };

    /// <summary>When a round ends for those who are not done; null to wait for them.</summary>
    public RoundDeadline? Deadline { get; init; }

    /// <summary>How many updates a round must have, if so many devices take part in it; null for those of all.</summary>
    public int? MinimumDevices { get; init; }

    /// <summary>Whether a round that takes far longer than it should tells whom it waits for.</summary>
    public bool TellsOfWaiting { get; init; }

    /// <summary>How often in a round a device whose link closed may begin again.</summary>
    public int RestartsAtMost { get; init; }

    /// <summary>How often in a row a round with too few updates is repeated before the run ends.</summary>
    public int RepeatsAtMost { get; init; }

    /// <summary>The updates that a round with so many participants must have; at least one.</summary>
    public int UpdatesNeeded(int participants) => Math.Max(1, Math.Min(MinimumDevices ?? participants, participants));
}

/// <summary>
/// How long a round waits for its devices, from its start; from the start of each turn where the method has devices take turns
/// (<c>split</c>). Where they meet at each step (<c>psl</c>, <c>splitfed-v2</c>), those that are then waited for are late, and it counts
/// again for the others.
/// </summary>
public abstract record RoundDeadline
{
    private RoundDeadline()
    {
    }

    /// <summary>The seconds it waits in a round that a plan claims to take so many; null to wait without end.</summary>
    public abstract double? SecondsFor(double? claimedSeconds);

    /// <summary>So many seconds, whatever the plan.</summary>
    public sealed record Seconds(double Count) : RoundDeadline
    {
        public override double? SecondsFor(double? claimedSeconds) => Count;
    }

    /// <summary>A multiple of what the plan claims. Where no plan claims anything, there is no deadline.</summary>
    public sealed record OfClaim(double Factor) : RoundDeadline
    {
        public override double? SecondsFor(double? claimedSeconds) => Factor * claimedSeconds;
    }
}
