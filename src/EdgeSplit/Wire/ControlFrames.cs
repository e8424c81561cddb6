using EdgeSplit.Wire.Protocol;

namespace EdgeSplit.Wire;

/// <summary>
/// Small frames that wait to be sent. One of a kind: a newer one replaces an older one, so that no peer makes them pile up. Its
/// link guards it.
/// </summary>
internal sealed class ControlFrames
{
    private Confirm? confirm;
    private Ping? ping;
    private Pong? pong;
    private Rate? rate;
    private FrameHeader? probe;

    public void Add(Confirm frame) => confirm = frame;

    public void Add(Ping frame) => ping = frame;

    public void Add(Pong frame) => pong = frame;

    public void Add(Rate frame) => rate = frame;

    /// <summary>A request for a probe, a probe, or its result: they take turns.</summary>
    public void AddProbe(FrameHeader frame) => probe = frame;

    /// <summary>The next to send; null when there is none.</summary>
    public FrameHeader? Take()
    {
        if (Take(ref confirm) is { } confirmed)
            return new FrameHeader { Confirm = confirmed };
        if (Take(ref pong) is { } answer)
            return new FrameHeader { Pong = answer };
        if (Take(ref ping) is { } question)
            return new FrameHeader { Ping = question };
        if (Take(ref rate) is { } pace)
            return new FrameHeader { Rate = pace };
        return Take(ref probe);
    }

    /// <summary>Forgets what was meant for a connection that is over; what was received is told in the next handshake.</summary>
    public void Clear()
    {
        while (Take() is not null)
        {
        }
    }

    private static T? Take<T>(ref T? slot)
        where T : class
    {
        T? taken = slot;
        slot = null;
        return taken;
    }
}
