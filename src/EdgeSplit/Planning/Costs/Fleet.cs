using EdgeSplit.Compute;

namespace EdgeSplit.Planning.Costs;

/// <summary>The devices of an experiment and the server they share.</summary>
public sealed record Fleet(IReadOnlyList<FleetDevice> Devices, FleetServer Server);

/// <summary>One device.</summary>
/// <param name="Name">Unique in the fleet.</param>
/// <param name="Profile">Its costs, measured or estimated.</param>
/// <param name="MemoryBytes">What training may use; infinite for no limit.</param>
/// <param name="Link">Its own link.</param>
/// <param name="Samples">Training samples it holds.</param>
public sealed record FleetDevice(string Name, Profile Profile, double MemoryBytes, LinkSpec Link, int Samples);

/// <summary>A link's own limits; infinite rates for none.</summary>
/// <param name="UplinkBitsPerSecond">Towards the server.</param>
/// <param name="DownlinkBitsPerSecond">From the server.</param>
/// <param name="LatencySeconds">Of one message.</param>
public sealed record LinkSpec(double UplinkBitsPerSecond, double DownlinkBitsPerSecond, double LatencySeconds);

/// <summary>The server and what all devices share.</summary>
/// <param name="Profile">Its costs.</param>
/// <param name="Lanes">Batches it computes at once.</param>
/// <param name="Bandwidth">The shared link.</param>
public sealed record FleetServer(Profile Profile, int Lanes, SharedBandwidth Bandwidth);

/// <summary>The link all devices share.</summary>
public abstract record SharedBandwidth
{
    private SharedBandwidth()
    {
    }

    /// <summary>One pool for both directions.</summary>
    public sealed record Pool(double BitsPerSecond) : SharedBandwidth;

    /// <summary>A pool for each direction.</summary>
    public sealed record Duplex(double UplinkBitsPerSecond, double DownlinkBitsPerSecond) : SharedBandwidth;
}

/// <summary>What a round is made of, whatever the fleet.</summary>
public sealed record RoundWork
{
    /// <summary>Passes over the device's own samples, where <see cref="Steps"/> is null.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>The same number of mini-batches on every device, in place of epochs.</summary>
    public int? Steps { get; init; }

    /// <summary>Samples in a mini-batch; the last of an epoch may be short.</summary>
    public required int BatchSize { get; init; }

    public required OptimizerSpec Optimizer { get; init; }

    /// <summary>Wire bytes per tensor byte of smashed data: 1 for float32, 0.5 for bf16.</summary>
    public double WireRatio { get; init; } = 1;

    /// <summary>Bytes of one label on the wire.</summary>
    public int LabelBytes { get; init; } = sizeof(int);

    /// <summary>Whether raw data may leave the device: offers cut 0.</summary>
    public bool MaySendRawData { get; init; }
}
