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

    /// <summary>At the server, where devices borrow idle shares to send to it; null where each keeps to its own.</summary>
    public LentPool? Uplink { get; init; }

    /// <summary>At the server, where it borrows idle shares to send to devices; null where each keeps to its own.</summary>
    public LentPool? Downlink { get; init; }

    /// <summary>At a device, what answers the server's request for a profile: JSON. Null where none can be had.</summary>
    public Func<CancellationToken, Task<string>>? Profile { get; init; }

    /// <summary>At a device, a slower link to play; null for the one there is.</summary>
    public LinkEmulation? Emulation { get; init; }
}

/// <summary>A shared link, and how much of it a device can use at most.</summary>
/// <param name="Lender">Of the link; the same for both directions where they share one pool.</param>
/// <param name="CapBitsPerSecond">Of the device's own part; infinite for no limit.</param>
public sealed record LentPool(ShareLender Lender, double CapBitsPerSecond);

/// <summary>A link slower than the real one, played by the device's end.</summary>
/// <param name="UplinkBitsPerSecond">The most it sends; null for no limit.</param>
/// <param name="DownlinkBitsPerSecond">The most it reads; null for no limit.</param>
/// <param name="LatencySeconds">What every message waits, in each direction.</param>
public sealed record LinkEmulation(double? UplinkBitsPerSecond, double? DownlinkBitsPerSecond, double LatencySeconds);
