using System.Text.Json.Serialization;

namespace EdgeSplit.Training;

/// <summary>Something that happened in a run. One line of <c>events.jsonl</c> each, in the order they happened.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(RunStarted), "run-started")]
[JsonDerivedType(typeof(RoundPlanned), "round-planned")]
[JsonDerivedType(typeof(RoundStarted), "round-started")]
[JsonDerivedType(typeof(DeviceFinished), "device-finished")]
[JsonDerivedType(typeof(DeviceLost), "device-lost")]
[JsonDerivedType(typeof(DeviceLeftOut), "device-left-out")]
[JsonDerivedType(typeof(DeviceRefused), "device-refused")]
[JsonDerivedType(typeof(DeviceJoined), "device-joined")]
[JsonDerivedType(typeof(DeviceDataChanged), "device-data-changed")]
[JsonDerivedType(typeof(RoundWaiting), "round-waiting")]
[JsonDerivedType(typeof(RoundRepeated), "round-repeated")]
[JsonDerivedType(typeof(RoundFinished), "round-finished")]
[JsonDerivedType(typeof(Evaluated), "evaluated")]
[JsonDerivedType(typeof(RunResumed), "run-resumed")]
[JsonDerivedType(typeof(SettingsChanged), "settings-changed")]
[JsonDerivedType(typeof(RunWarning), "warning")]
[JsonDerivedType(typeof(RunFinished), "run-finished")]
public abstract record RunEvent
{
    /// <summary>When it was recorded; null before that.</summary>
    [JsonPropertyOrder(-2)]
    public DateTimeOffset? Time { get; init; }

    /// <summary>Seconds since recording began; null before the event is recorded.</summary>
    [JsonPropertyOrder(-1)]
    public double? ElapsedSeconds { get; init; }
}

/// <summary>The first event of a run.</summary>
/// <param name="Experiment">The experiment's name.</param>
/// <param name="Method">As the experiment file spells it.</param>
/// <param name="Model">The network's name.</param>
/// <param name="Devices">Devices in the fleet.</param>
/// <param name="Blocks">The network's number of blocks L.</param>
/// <param name="Parameters">Trainable numbers in the network.</param>
/// <param name="Engine">What does the arithmetic, and where.</param>
/// <param name="Seed">The experiment's seed.</param>
public sealed record RunStarted(
    string Experiment, string Method, string Model, int Devices, int Blocks, long Parameters, string Engine, ulong Seed) : RunEvent
{
    /// <summary>What decides the bits of what is computed, engine and processor; of a networked run, the server's. Null in older records.</summary>
    public string? Numerics { get; init; }

    /// <summary>The same of each device of a networked run, by name; null where all compute in one process.</summary>
    public IReadOnlyDictionary<string, string>? DeviceNumerics { get; init; }
}

/// <summary>A new plan, from a round on until the next one.</summary>
/// <param name="Round">The first round it holds for.</param>
/// <param name="Policy">What decided it.</param>
/// <param name="Status"><c>optimal</c> or <c>feasible</c>.</param>
/// <param name="Reason">Why it was made now.</param>
/// <param name="Devices">The participants with their cuts and shares.</param>
/// <param name="RoundSeconds">What it claims a round takes; null where nothing is known of times.</param>
/// <param name="LowerBoundSeconds">What no plan takes less than; null likewise.</param>
/// <param name="IsEstimate">Whether costs behind it were estimated, not measured; null likewise.</param>
public sealed record RoundPlanned(
    int Round, string Policy, string Status, string Reason, IReadOnlyList<PlannedDevice> Devices, double? RoundSeconds = null,
    double? LowerBoundSeconds = null, bool? IsEstimate = null) : RunEvent;

/// <summary>A run that had ended, or was ended, goes on. What it recorded after this round is gone and comes again.</summary>
/// <param name="Round">The last round completed before; 0 for none.</param>
/// <param name="Rounds">The rounds there will be.</param>
public sealed record RunResumed(int Round, int Rounds) : RunEvent
{
    /// <summary>What decides the bits of what is computed, engine and processor; of a networked run, the server's. Null in older records.</summary>
    public string? Numerics { get; init; }

    /// <summary>The same of each device of a networked run, by name; null where all compute in one process.</summary>
    public IReadOnlyDictionary<string, string>? DeviceNumerics { get; init; }
}

/// <summary>A run that goes on does something otherwise than before.</summary>
/// <param name="FromRound">The first round it holds for.</param>
public sealed record SettingsChanged(int FromRound) : RunEvent
{
    /// <summary>The rounds there will be; null for as many as before.</summary>
    public int? Rounds { get; init; }

    /// <summary>The learning rate to begin with; null for what it was.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Its schedule, as the experiment file spells it, which counts its rounds from here; null where the rate is what it was.</summary>
    public string? Schedule { get; init; }
}

/// <summary>What a plan decides for one device.</summary>
/// <param name="Name">The device's name.</param>
/// <param name="Cut">Blocks 1..cut run on it.</param>
/// <param name="Shares">Its share of each reserved resource, in the resource's units per second; null where none is reserved.</param>
public sealed record PlannedDevice(string Name, int Cut, IReadOnlyDictionary<string, double>? Shares = null);

/// <param name="Round">From 1.</param>
/// <param name="LearningRate">Of this round.</param>
/// <param name="Participants">The names of the devices that take part.</param>
/// <param name="Cuts">The cut of each participant, in the same order; L for one that trains the whole network.</param>
public sealed record RoundStarted(
    int Round, double LearningRate, IReadOnlyList<string> Participants, IReadOnlyList<int> Cuts) : RunEvent;

/// <summary>A device has done its local work of a round.</summary>
/// <param name="Round">From 1.</param>
/// <param name="Device">The device's name.</param>
/// <param name="Cut">Blocks 1..cut ran on it.</param>
/// <param name="Samples">Training samples it went through.</param>
/// <param name="Steps">Mini-batches it went through.</param>
/// <param name="Loss">Mean training loss over those samples.</param>
/// <param name="BytesUp">Bytes from the device to the server.</param>
/// <param name="BytesDown">Bytes from the server to the device.</param>
/// <param name="Seconds">From its start to its end; null where it is not measured.</param>
public sealed record DeviceFinished(
    int Round, string Device, int Cut, long Samples, int Steps, double Loss, long BytesUp, long BytesDown, double? Seconds = null)
    : RunEvent;

/// <summary>The link to a device at work closed; its round begins again if it comes back in time.</summary>
/// <param name="Round">From 1.</param>
/// <param name="Device">The device's name.</param>
/// <param name="Message">Why, as far as it is known.</param>
public sealed record DeviceLost(int Round, string Device, string Message) : RunEvent;

/// <summary>A device has no part in a round's mean; it takes part again in the next.</summary>
/// <param name="Round">From 1.</param>
/// <param name="Device">The device's name.</param>
/// <param name="Reason">In which way it failed.</param>
/// <param name="Message">What happened.</param>
public sealed record DeviceLeftOut(int Round, string Device, LeftOutReason Reason, string Message) : RunEvent;

/// <summary>A device is not taken in, or does not take the server's terms: its data are not what the run's contract says, or it is another's.</summary>
/// <param name="Device">The device's name.</param>
/// <param name="Message">Why, in whoever's words refused.</param>
public sealed record DeviceRefused(string Device, string Message) : RunEvent;

/// <summary>A device takes part from here on.</summary>
/// <param name="Device">The device's name.</param>
/// <param name="Samples">Its training samples.</param>
public sealed record DeviceJoined(string Device, long Samples) : RunEvent
{
    /// <summary>By which its samples are known again, in hexadecimal; null where it gives none.</summary>
    public string? DataDigest { get; init; }
}

/// <summary>A device is back with other training samples than it had.</summary>
/// <param name="Device">The device's name.</param>
/// <param name="SamplesBefore">How many it had.</param>
/// <param name="Samples">How many it has.</param>
public sealed record DeviceDataChanged(string Device, long SamplesBefore, long Samples) : RunEvent
{
    /// <summary>By which they are known again, in hexadecimal; null where it gives none.</summary>
    public string? DataDigest { get; init; }
}

/// <summary>In which way a device failed a round.</summary>
public enum LeftOutReason
{
    /// <summary>It was not done by the round's deadline.</summary>
    [JsonStringEnumMemberName("late")]
    Late,

    /// <summary>Its link closed and did not come back.</summary>
    [JsonStringEnumMemberName("link-closed")]
    LinkClosed,

    /// <summary>It sent what was not agreed.</summary>
    [JsonStringEnumMemberName("protocol-violation")]
    ProtocolViolation,

    /// <summary>Its data are not what the run's contract says: it will not do its part in any round.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused,

    /// <summary>Its update holds NaN or infinity.</summary>
    [JsonStringEnumMemberName("not-finite")]
    NotFinite,

    /// <summary>It has ended, and will not come back.</summary>
    [JsonStringEnumMemberName("gone")]
    Gone,
}

/// <summary>A round takes far longer than it should, and still waits for devices.</summary>
/// <param name="Round">From 1.</param>
/// <param name="Seconds">Since it began.</param>
/// <param name="Devices">The names of those it waits for.</param>
public sealed record RoundWaiting(int Round, double Seconds, IReadOnlyList<string> Devices) : RunEvent
{
    /// <summary>What the plan claims a round takes; null where nothing is known of times.</summary>
    public double? ClaimedSeconds { get; init; }
}

/// <summary>A round came to fewer updates than it must have, and begins again from the same weights.</summary>
/// <param name="Round">From 1.</param>
/// <param name="Updates">How many there were.</param>
/// <param name="Needed">How many there must be.</param>
public sealed record RoundRepeated(int Round, int Updates, int Needed) : RunEvent;

/// <summary>A round has the updates it needs, and their weights are aggregated.</summary>
/// <param name="Round">From 1.</param>
/// <param name="Loss">Mean training loss over the round's samples.</param>
/// <param name="Samples">Training samples of all devices.</param>
/// <param name="Seconds">Of the round, evaluation excluded.</param>
public sealed record RoundFinished(int Round, double Loss, long Samples, double Seconds) : RunEvent
{
    public double SamplesPerSecond => Seconds > 0 ? Samples / Seconds : 0;

    /// <summary>What the plan claims a round of the fleet takes; null where nothing is known of times.</summary>
    public double? ClaimedSeconds { get; init; }

    /// <summary>Bytes of memory that the server's process held when the round was over; null where the fleet trains in one process.</summary>
    public long? ServerMemoryBytes { get; init; }
}

/// <summary>The global model was judged on the test samples.</summary>
/// <param name="Round">After which round; 0 for the model before training.</param>
/// <param name="Accuracy">The fraction classified right, in [0, 1].</param>
/// <param name="Loss">Mean cross-entropy.</param>
/// <param name="Samples">Test samples.</param>
public sealed record Evaluated(int Round, double Accuracy, double Loss, int Samples) : RunEvent;

/// <summary>Something a person should know that does not end the run.</summary>
public sealed record RunWarning(string Message) : RunEvent;

/// <summary>The last event of a run.</summary>
/// <param name="Accuracy">Of the last evaluation, in [0, 1]; null, and written as such, if there was none.</param>
/// <param name="Rounds">Rounds completed.</param>
/// <param name="WallSeconds">From the run's start to its end.</param>
/// <param name="Reason">Why it ended.</param>
public sealed record RunFinished(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] double? Accuracy, int Rounds, double WallSeconds, RunEnd Reason) : RunEvent;

/// <summary>Why a run ended.</summary>
public enum RunEnd
{
    /// <summary>All rounds are done.</summary>
    [JsonStringEnumMemberName("completed")]
    Completed,

    /// <summary>Someone asked it to stop.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled,

    /// <summary>Something went wrong; a warning before says what.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,
}
