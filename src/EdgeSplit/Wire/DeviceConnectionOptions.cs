using System.Net.WebSockets;
using EdgeSplit.Models;
using EdgeSplit.Wire.Protocol;

namespace EdgeSplit.Wire;

/// <summary>How a device reaches its server.</summary>
/// <param name="Server">Its address, for people.</param>
/// <param name="Device">The device's name.</param>
/// <param name="Samples">Its training samples.</param>
/// <param name="Machine">Processor, cores and engine, for people.</param>
/// <param name="Clock">Paces, measures and times out.</param>
public sealed record DeviceConnectionOptions(Uri Server, string Device, long Samples, string Machine, TimeProvider Clock)
{
    /// <summary>
    /// Opens a connection. A <see cref="WebSocketException"/> is tried again; whatever else it throws ends the device.
    /// </summary>
    public required Func<CancellationToken, Task<WebSocket>> Open { get; init; }

    /// <summary>What decides the bits of what it computes, as its engine says; empty for nothing said.</summary>
    public string Numerics { get; init; } = "";

    /// <summary>Called when a connection is made, lost, or could not be made, with what a person should know of it.</summary>
    public Action<string>? Report { get; init; }

    /// <summary>A fingerprint of its training samples, by which the server sees that they are others than before; empty for none.</summary>
    public byte[] DataDigest { get; init; } = [];

    /// <summary>Of the pauses between attempts; together with the device's name, so that a fleet does not come back as one.</summary>
    public ulong Seed { get; init; }

    /// <summary>Of <see cref="Patience"/>.</summary>
    public static TimeSpan DefaultPatience { get; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the server may be out of reach, or not take the device, before the device gives up; the longest time for never.</summary>
    public TimeSpan Patience { get; init; } = DefaultPatience;

    /// <summary>For a connection to be made and a hello to be answered.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A slower link to play; null for the one there is.</summary>
    public LinkEmulation? Emulation { get; init; }
}

/// <summary>What a server told a device when it took it in.</summary>
/// <param name="Network">The network to train.</param>
/// <param name="Welcome">Training parameters and the device's number.</param>
/// <param name="Contract">What samples and labels are, as JSON.</param>
public sealed record DeviceTask(Network Network, Welcome Welcome, string Contract);
