using EdgeSplit.Data;
using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Training;

namespace EdgeSplit.Experiments;

/// <summary>One experiment file, read and validated: what the user wrote, with defaults filled in.</summary>
public sealed record Experiment
{
    public required string Name { get; init; }

    public required ModelChoice Model { get; init; }

    public required DataSpec Data { get; init; }

    public required PartitionSpec Partition { get; init; }

    public required TrainingSpec Training { get; init; }

    /// <summary>The devices in fleet order, counts already expanded (<c>sensor</c> with count 3 gives sensor-1..sensor-3).</summary>
    public required IReadOnlyList<DeviceConfig> Devices { get; init; }

    /// <summary>What the devices share; null where nothing is known of it, and so nothing of times.</summary>
    public SharedConfig? Shared { get; init; }

    /// <summary>Who decides the cuts; null where the file does.</summary>
    public PlanConfig? Plan { get; init; }

    /// <summary>How long a round waits, and for how many.</summary>
    public PatienceConfig Patience { get; init; } = new(null, null);

    public required ComputeConfig Compute { get; init; }

    /// <summary>Where in the file things stand, for faults found later; no part of what the experiment is.</summary>
    internal ExperimentPlaces Places { get; init; } = ExperimentPlaces.None;

    /// <summary>By value, the devices one by one.</summary>
    public bool Equals(Experiment? other) =>
        other is not null
        && Name == other.Name
        && Model == other.Model
        && Data == other.Data
        && Partition == other.Partition
        && Training == other.Training
        && Shared == other.Shared
        && Plan == other.Plan
        && Patience == other.Patience
        && Compute == other.Compute
        && Devices.SequenceEqual(other.Devices);

    public override int GetHashCode() => HashCode.Combine(Name, Model, Data, Partition, Training, Compute, Devices.Count);
}

/// <summary>A network of the zoo, or a user's own file.</summary>
/// <param name="Zoo">A name of the zoo; null where a file is given.</param>
/// <param name="File">A YAML file of blocks, its path resolved against the experiment file's folder; null for the zoo.</param>
/// <param name="Dropout">Dropout before the classifier's last layer, for zoo networks; null for the network's own.</param>
public sealed record ModelChoice(string? Zoo, string? File, double? Dropout);

/// <summary>One device of the fleet.</summary>
/// <param name="Name">Unique in the fleet.</param>
/// <param name="Cut">Blocks 1..cut run on it; null for full local where the method has no cuts, and where a plan decides.</param>
public sealed record DeviceConfig(string Name, int? Cut)
{
    /// <summary>What is known of its costs.</summary>
    public MachineConfig Machine { get; init; } = new(null, null);

    /// <summary>Bytes that training may use; infinite for no limit.</summary>
    public double MemoryBytes { get; init; } = double.PositiveInfinity;

    /// <summary>Its own link.</summary>
    public LinkSpec Link { get; init; } = new(double.PositiveInfinity, double.PositiveInfinity, 0);
}

/// <summary>Where a machine's costs come from; both null where nothing is known.</summary>
/// <param name="Class">A device class, for estimates.</param>
/// <param name="ProfileFile">A file of measured costs, its path resolved against the experiment file's folder.</param>
public sealed record MachineConfig(string? Class, string? ProfileFile);

/// <summary>What the devices share.</summary>
/// <param name="Bandwidth">The shared link.</param>
/// <param name="Server">The server's costs; nothing known stands for the class <c>server</c>.</param>
/// <param name="ServerLanes">Batches the server computes at once.</param>
public sealed record SharedConfig(SharedBandwidth Bandwidth, MachineConfig Server, int ServerLanes);

/// <summary>How long a round waits for its devices, and for how many.</summary>
/// <param name="Deadline">When a round ends for those who are not done; null to wait for them.</param>
/// <param name="MinimumDevices">The updates a round must have; null for those of all that take part.</param>
public sealed record PatienceConfig(RoundDeadline? Deadline, int? MinimumDevices)
{
    /// <summary>A policy with this deadline and this minimum.</summary>
    public FailurePolicy ApplyTo(FailurePolicy policy) => policy with { Deadline = Deadline, MinimumDevices = MinimumDevices };
}

/// <summary>Who decides the cuts: of the method edgesplit, or the best one of a method with one for all.</summary>
/// <param name="Policy">A policy's name.</param>
/// <param name="ReplanOver">The drift of a device's work beyond which it is planned again; 0 for never.</param>
/// <param name="ExcludeInfeasible">Train without devices for which no cut is feasible.</param>
/// <param name="LendIdleShares">What one device leaves idle of the link, the others use.</param>
public sealed record PlanConfig(string Policy, double ReplanOver, bool ExcludeInfeasible, bool LendIdleShares)
{
    /// <summary>How long a plan may take; what is best by then is the plan.</summary>
    public TimeSpan TimeLimit { get; init; } = PlanningTime.DefaultLimit;

    /// <summary>The one cut for all devices of a round that lets it end soonest, by their costs as given.</summary>
    public static PlanConfig BestCommonCut { get; } = new("uniform", ReplanOver: 0, ExcludeInfeasible: false, LendIdleShares: false);
}

/// <summary>Where and how the arithmetic runs.</summary>
/// <param name="Device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
/// <param name="Lanes">Pieces of work at once; null for one per core.</param>
/// <param name="ThreadsPerLane">Threads of one operation; 1 makes results independent of the machine's cores.</param>
public sealed record ComputeConfig(string Device, int? Lanes, int ThreadsPerLane);
