using System.Collections.Immutable;
using EdgeSplit.Planning;

namespace EdgeSplit.Simulation.Methods;

/// <summary>One round of a method as its clock has it.</summary>
/// <param name="Method">The method's name.</param>
/// <param name="RoundSeconds">From the round's start to its end, aggregation and evaluation excluded; infinite where there is no plan.</param>
public sealed record MethodTime(string Method, double RoundSeconds)
{
    /// <summary>Cuts and shares; null where the devices train nothing, and where there is no plan.</summary>
    public Plan? Plan { get; init; }

    /// <summary>The devices in the way; empty where the method can run.</summary>
    public ImmutableArray<InfeasibleDevice> Infeasible { get; init; } = [];

    /// <summary>Once, before the first round: what the method must move before it can begin.</summary>
    public double SetupSeconds { get; init; }

    /// <summary>Each device's round, in the fleet's order; of the server alone where the devices train nothing.</summary>
    public IReadOnlyList<DeviceTime> Devices { get; init; } = [];

    /// <summary>Every stage by device, in the order they ended; waiting shows as the gaps between.</summary>
    public IReadOnlyList<TraceEntry> Trace { get; init; } = [];

    public bool IsFeasible => Infeasible.IsEmpty;
}

/// <summary>One device's round: its parts add up to the round's length.</summary>
/// <param name="Device">Its name.</param>
/// <param name="Cut">Blocks 1..cut run on it.</param>
/// <param name="ComputeSeconds">Forward, backward and optimizer steps on the device.</param>
/// <param name="UplinkSeconds">While its data and weights go up.</param>
/// <param name="ServerSeconds">While the server computes for it.</param>
/// <param name="DownlinkSeconds">While gradients and weights come down.</param>
/// <param name="LatencySeconds">Of all its messages.</param>
/// <param name="WaitingSeconds">For the server, for other devices, and for the end of the round.</param>
public sealed record DeviceTime(
    string Device, int Cut, double ComputeSeconds, double UplinkSeconds, double ServerSeconds, double DownlinkSeconds, double LatencySeconds,
    double WaitingSeconds)
{
    /// <summary>Bytes from the device in a round.</summary>
    public double BytesUp { get; init; }

    /// <summary>Bytes to the device in a round.</summary>
    public double BytesDown { get; init; }

    /// <summary>Memory the device needs for its blocks.</summary>
    public double MemoryBytes { get; init; }

    /// <summary>Its share of the link towards the server, in bits per second; null where it has none of its own.</summary>
    public double? UplinkShare { get; init; }

    /// <summary>Its share of the link from the server, in bits per second; where both directions share a pool, the uplink's.</summary>
    public double? DownlinkShare { get; init; }
}
