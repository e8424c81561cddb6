namespace EdgeSplit.Wire;

/// <summary>
/// At which rate each message of a link goes: at the device's share, or where idle shares are lent, at what the lender says.
/// Not under the link's gate, since a lender calls one link while it is called by another.
/// </summary>
internal sealed class LinkRates
{
    /// <summary>A message that is done sooner at its own share is not worth a loan.</summary>
    private const double LeastSeconds = 0.05;

    private readonly ResumableLink link;
    private readonly LentShare? sends;
    private readonly LentShare? receives;
    private double? sendShare;
    private double? receiveShare;

    public LinkRates(ResumableLink link, LinkOptions options)
    {
        this.link = link;
        if (link.End != LinkEnd.Server)
            return;
        sends = options.Downlink?.Lender.Join(options.Downlink.CapBitsPerSecond, link.Pacer);
        receives = options.Uplink?.Lender.Join(options.Uplink.CapBitsPerSecond, Tell);
    }

    /// <summary>A round's share; null for all there is.</summary>
    public void Agree(LinkShare? share)
    {
        bool isServer = link.End == LinkEnd.Server;
        sendShare = isServer ? share?.DownlinkBitsPerSecond : share?.UplinkBitsPerSecond;
        receiveShare = isServer ? share?.UplinkBitsPerSecond : share?.DownlinkBitsPerSecond;
        link.Pacer.BitsPerSecond = sendShare;
        if (sendShare is { } down)
            sends?.SetShare(down);
        if (receiveShare is { } up)
            receives?.SetShare(up);
    }

    /// <summary>This end begins to send a message: at its own share, whatever it was lent for the one before.</summary>
    public void BeginSend(long bytes)
    {
        link.Pacer.BitsPerSecond = sendShare;
        link.Pacer.Begin();
        if (IsLong(bytes, sendShare))
            sends?.Begin();
    }

    public void EndSend() => sends?.End();

    /// <summary>The other end has begun to send a message.</summary>
    public void BeginReceive(long bytes)
    {
        if (IsLong(bytes, receiveShare))
            receives?.Begin();
    }

    public void EndReceive() => receives?.End();

    /// <summary>The server tells the rate of the message that is being sent.</summary>
    public void Told(double bitsPerSecond) => link.Pacer.BitsPerSecond = bitsPerSecond;

    public void Close()
    {
        sends?.Dispose();
        receives?.Dispose();
    }

    private static bool IsLong(long bytes, double? share) => share is { } own && bytes * 8 > own * LeastSeconds;

    private void Tell(double bitsPerSecond)
    {
        lock (link.Gate)
            link.Controls.Add(new Protocol.Rate { BitsPerSecond = bitsPerSecond });
        link.Outgoing.Set();
    }
}
