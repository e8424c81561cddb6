namespace EdgeSplit.Wire;

/// <summary>What went over a link, how fast, and how long a message takes. Counts only grow, over all its connections.</summary>
public sealed class LinkMeter
{
    private const int RoundTripsKept = 8;

    private readonly Lock gate = new();
    private readonly Queue<double> roundTrips = new();
    private Flow sendFlow;
    private Flow receiveFlow;
    private long payloadBytesSent;
    private long payloadBytesReceived;
    private long bytesSent;
    private long bytesReceived;

    /// <summary>Bytes of tensors and labels sent, as they were on the wire; twice where they were sent twice.</summary>
    public long PayloadBytesSent => Volatile.Read(ref payloadBytesSent);

    /// <summary>Bytes of tensors and labels received.</summary>
    public long PayloadBytesReceived => Volatile.Read(ref payloadBytesReceived);

    /// <summary>Bytes given to the WebSocket, headers and control frames included.</summary>
    public long BytesSent => Volatile.Read(ref bytesSent);

    /// <summary>Bytes taken from the WebSocket.</summary>
    public long BytesReceived => Volatile.Read(ref bytesReceived);

    /// <summary>All that was measured of messages to the other end, which tells how fast they came: subtract to see a part of it.</summary>
    public Flow SendFlow
    {
        get
        {
            lock (gate)
                return sendFlow;
        }
    }

    /// <summary>All that was measured of messages from the other end: subtract to see a part of it.</summary>
    public Flow ReceiveFlow
    {
        get
        {
            lock (gate)
                return receiveFlow;
        }
    }

    /// <summary>A ping's way and back, the shortest of the last few: others waited behind a message. Null before the first.</summary>
    public double? RoundTripSeconds
    {
        get
        {
            lock (gate)
                return roundTrips.Count > 0 ? roundTrips.Min() : null;
        }
    }

    internal void AddRoundTrip(double seconds)
    {
        lock (gate)
        {
            roundTrips.Enqueue(seconds);
            if (roundTrips.Count > RoundTripsKept)
                roundTrips.Dequeue();
        }
    }

    internal void AddSent(Flow flow)
    {
        lock (gate)
            sendFlow += flow;
    }

    internal void AddReceived(Flow flow)
    {
        lock (gate)
            receiveFlow += flow;
    }

    internal void CountSent(long bytes, long payload)
    {
        Interlocked.Add(ref bytesSent, bytes);
        Interlocked.Add(ref payloadBytesSent, payload);
    }

    internal void CountReceived(long bytes, long payload)
    {
        Interlocked.Add(ref bytesReceived, bytes);
        Interlocked.Add(ref payloadBytesReceived, payload);
    }
}
