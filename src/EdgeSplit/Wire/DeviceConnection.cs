using System.Net.WebSockets;
using EdgeSplit.Models;
using EdgeSplit.Wire.Protocol;

namespace EdgeSplit.Wire;

/// <summary>How a device reaches its server.</summary>
/// <param name="Server">http, https, ws or wss; <see cref="Handshake.Path"/> is added.</param>
/// <param name="Device">The device's name.</param>
/// <param name="Samples">Its training samples.</param>
/// <param name="Machine">Processor, cores and engine, for people.</param>
/// <param name="Clock">Paces, measures and times out.</param>
public sealed record DeviceConnectionOptions(Uri Server, string Device, long Samples, string Machine, TimeProvider Clock)
{
    /// <summary>Sent as a bearer token; null for none.</summary>
    public string? Token { get; init; }

    /// <summary>Certificates and their judgement.</summary>
    public Action<ClientWebSocketOptions>? Configure { get; init; }

    /// <summary>Tells of what happens: connections lost and made.</summary>
    public Action<string>? Report { get; init; }

    /// <summary>Of the pauses between attempts.</summary>
    public ulong Seed { get; init; }

    /// <summary>How long it tries to reach a server before it gives up.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>A slower link to play; null for the one there is.</summary>
    public LinkEmulation? Emulation { get; init; }
}

/// <summary>What a server told a device when it took it in.</summary>
/// <param name="Network">The network to train.</param>
/// <param name="Welcome">Training parameters and the device's number.</param>
public sealed record DeviceTask(Network Network, Welcome Welcome);

/// <summary>
/// A device's way to its server: connects, says hello, carries the link, and connects again, with growing pauses, whenever a
/// connection is lost.
/// </summary>
public sealed class DeviceConnection(DeviceConnectionOptions options)
{
    /// <summary>Until the server says goodbye. Where the server has forgotten the session, the work begins again with a new link.</summary>
    /// <param name="profile">Answers a request for a profile of the network: JSON.</param>
    /// <param name="work">A session's work, over its link, until that closes.</param>
    /// <param name="cancellation">Leaves.</param>
    /// <exception cref="RefusedException">The server does not take the device.</exception>
    /// <exception cref="ConnectionLostException">The server could not be reached for too long.</exception>
    public Task RunAsync(
        Func<DeviceTask, CancellationToken, Task<string>> profile,
        Func<DeviceTask, ResumableLink, CancellationToken, Task> work,
        CancellationToken cancellation) => throw new NotImplementedException($"{options.Server} {profile} {work} {cancellation}");
}
