using System.Diagnostics.CodeAnalysis;
using EdgeSplit.Server.Sessions;
using EdgeSplit.Training;
using EdgeSplit.Wire;
using EdgeSplit.Wire.Protocol;

namespace EdgeSplit.Server;

/// <summary>Devices of their own, over the network. All are at work at once: a round takes as long as its slowest device.</summary>
public sealed class NetworkFleet(DeviceSessions sessions) : IFleet
{
    public int Count => sessions.Terms.Names.Count;

    public int DevicesAtOnce => Count;

    public string NameOf(int device) => sessions.Terms.Names[device];

    public long SamplesOf(int device) => sessions.SamplesOf(device);

    /// <summary>The device's link for one round; a device that is away is waited for.</summary>
    public async ValueTask<ILink> ConnectAsync(int device, CancellationToken cancellation) =>
        new RoundLink(sessions, device, await sessions.LinkOfAsync(device, cancellation).ConfigureAwait(false));

    /// <summary>A round's use of a device's link, which outlives it.</summary>
    private sealed class RoundLink(DeviceSessions sessions, int device, ResumableLink link) : ILink
    {
        public ValueTask SendAsync(Message message, CancellationToken cancellation) => link.SendAsync(message, cancellation);

        public ValueTask<Message> ReceiveAsync(CancellationToken cancellation) => link.ReceiveAsync(cancellation);

        public bool TryReceive([NotNullWhen(true)] out Message? message) => link.TryReceive(out message);

        public void Agree(RoundAgreement agreement) => link.Agree(agreement);

        /// <summary>Ends the session. A device that did nothing wrong is asked to begin another.</summary>
        public void Close(Exception? cause = null) =>
            sessions.End(device, link, cause ?? new RefusedException(ErrorCode.NotNow, "The round begins again: join again."));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
