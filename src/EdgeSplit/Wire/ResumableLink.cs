using EdgeSplit.Models;

namespace EdgeSplit.Wire;

/// <summary>
/// A link that survives its connections. Both ends number their messages, confirm what they received, keep what is
/// unconfirmed, and send it again on the next connection: each message arrives once, in order, or the link closes.
/// </summary>
public sealed class ResumableLink(LinkEnd end, Network network, LinkOptions options) : ILink
{
    public LinkEnd End => end;

    public Network Network => network;

    /// <summary>The last sequence number received: what the next hello or welcome says.</summary>
    public ulong Received => throw new NotImplementedException();

    /// <summary>Of this end's sends.</summary>
    public Pacer Pacer { get; } = new(options.Clock);

    public LinkMeter Meter { get; } = new();

    /// <summary>Carries messages over a connection until that ends. A newer call takes over from an older one.</summary>
    /// <param name="connection">After its handshake; disposed of at the end.</param>
    /// <param name="peerReceived">The last sequence number the other end received, as it said in the handshake.</param>
    /// <param name="cancellation">Ends the connection, not the link.</param>
    /// <exception cref="ProtocolException">The other end sent what was not agreed: the link is closed.</exception>
    /// <exception cref="ConnectionLostException">The link waits for the next connection.</exception>
    public Task RunAsync(FrameConnection connection, ulong peerReceived, CancellationToken cancellation) => throw new NotImplementedException();

    public ValueTask SendAsync(Message message, CancellationToken cancellation) => throw new NotImplementedException();

    public ValueTask<Message> ReceiveAsync(CancellationToken cancellation) => throw new NotImplementedException();

    public void Agree(RoundAgreement agreement) => throw new NotImplementedException();

    /// <summary>At the server: asks the device what each block costs it.</summary>
    /// <returns>The profile, as JSON.</returns>
    public Task<string> ProfileAsync(CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>At the server: sends bytes each way and measures how fast they go. Between rounds only.</summary>
    public Task<LinkRates> ProbeAsync(CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>
    /// No connection will come any more: whoever receives gets what came before, then learns of the end; so does the other end, as
    /// a goodbye, or with a cause as an error.
    /// </summary>
    public void Close(Exception? cause = null) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}

/// <summary>What was measured of a link.</summary>
/// <param name="UplinkBitsPerSecond">From the device.</param>
/// <param name="DownlinkBitsPerSecond">To the device.</param>
/// <param name="LatencySeconds">Of a small message, one way: half a ping's way and back.</param>
public sealed record LinkRates(double UplinkBitsPerSecond, double DownlinkBitsPerSecond, double LatencySeconds);

/// <summary>A connection broke, or fell silent; its link lives on.</summary>
public sealed class ConnectionLostException(string message, Exception? cause = null) : Exception(message, cause);
