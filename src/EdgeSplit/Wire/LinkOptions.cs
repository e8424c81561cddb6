namespace EdgeSplit.Wire;

/// <summary>Which end of a link this is: they say different things.</summary>
public enum LinkEnd
{
    Server,
    Device,
}

/// <summary>What both ends of a link settled in their handshake, and what this end adds to it.</summary>
/// <param name="Clock">Paces, measures and times out.</param>
public sealed record LinkOptions(TimeProvider Clock)
{
    /// <summary>How smashed data and gradients travel, in both directions.</summary>
    public TensorEncoding Encoding { get; init; } = TensorEncoding.Float32;

    /// <summary>This end lets something be heard at least so often; three times as long a silence is a lost connection.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The part of a work-conserving pool that this end's sends draw from; null to pace to the agreed share alone.</summary>
    public LentShare? Outgoing { get; init; }

    /// <summary>At the server, the part of a work-conserving pool that the device's sends draw from: it is told its rate.</summary>
    public LentShare? Incoming { get; init; }

    /// <summary>At a device, what answers the server's request for a profile: JSON. Null where none can be had.</summary>
    public Func<CancellationToken, Task<string>>? Profile { get; init; }

    /// <summary>A slower link to play; null for the one there is.</summary>
    public LinkEmulation? Emulation { get; init; }
}

/// <summary>A link slower than the real one, played by the device's end.</summary>
/// <param name="UplinkBitsPerSecond">The most it sends; null for no limit.</param>
/// <param name="DownlinkBitsPerSecond">The most it reads; null for no limit.</param>
/// <param name="LatencySeconds">What every message waits, in each direction.</param>
public sealed record LinkEmulation(double? UplinkBitsPerSecond, double? DownlinkBitsPerSecond, double LatencySeconds);
