namespace EdgeSplit.Wire;

/// <summary>What went over a link, how fast, and how long a message takes. Counts only grow, over all its connections.</summary>
public sealed class LinkMeter
{
    /// <summary>Bytes of tensors and labels sent.</summary>
    public long PayloadBytesSent { get; }

    /// <summary>Bytes of tensors and labels received.</summary>
    public long PayloadBytesReceived { get; }

    /// <summary>Bytes given to the WebSocket, headers and control frames included.</summary>
    public long BytesSent { get; }

    /// <summary>Bytes taken from the WebSocket.</summary>
    public long BytesReceived { get; }

    /// <summary>The rate at which this end's large messages went, while they went; null before the first.</summary>
    public double? SendBitsPerSecond { get; }

    /// <summary>The rate at which large messages came, while they came; null before the first.</summary>
    public double? ReceiveBitsPerSecond { get; }

    /// <summary>A ping's way and back, the shortest of late; null before the first.</summary>
    public double? RoundTripSeconds { get; }
}
