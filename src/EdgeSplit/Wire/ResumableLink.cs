using System.Diagnostics.CodeAnalysis;
using EdgeSplit.Models;
using EdgeSplit.Wire.Protocol;

namespace EdgeSplit.Wire;

/// <summary>
/// A link that survives its connections. Both ends number their messages, confirm what they received, keep what is
/// unconfirmed, and send it again on the next connection: each message arrives once, in order, or the link closes. What is
/// sent belongs to the link. The weights of a received <see cref="Message.RoundStart"/> stay the link's: they are valid until the
/// next <see cref="Agree"/>, the round's end is sent, or the link is disposed of.
/// </summary>
public sealed class ResumableLink : ILink
{
    private readonly Lock gate = new();
    private readonly Outbox outbox = new();
    private readonly Inbox inbox = new();
    private readonly Signal received = new();
    private readonly LinkOptions options;
    private readonly RoundRules rules;
    private readonly long latency;
    private ulong lastReceived;
    private LinkPump? pump;
    private LinkClosedException? closed;

    /// <param name="end">Which end this is.</param>
    /// <param name="network">What is trained.</param>
    /// <param name="options">What both ends settled, and what this one adds.</param>
    public ResumableLink(LinkEnd end, Network network, LinkOptions options)
    {
        End = end;
        Network = network;
        this.options = options;
        rules = new RoundRules(end, network, options.Encoding);
        latency = (long)((options.Emulation?.LatencySeconds ?? 0) * options.Clock.TimestampFrequency);
        Pacer = new Pacer(options.Clock) { CeilingBitsPerSecond = options.Emulation?.UplinkBitsPerSecond };
        Rates = new LinkRates(this, options);
        Measures = new LinkMeasures(this, options);
    }

    public LinkEnd End { get; }

    public Network Network { get; }

    /// <summary>The number of the last message received: what the next hello or welcome says.</summary>
    public ulong Received
    {
        get
        {
            lock (gate)
                return lastReceived;
        }
    }

    /// <summary>Whether no connection will carry it any more.</summary>
    public bool IsClosed => Closed is not null;

    /// <summary>Whether a connection carries it now.</summary>
    public bool IsConnected
    {
        get
        {
            lock (gate)
                return pump is { Ended.IsCompleted: false };
        }
    }

    /// <summary>Of this end's sends.</summary>
    public Pacer Pacer { get; }

    public LinkMeter Meter { get; } = new();

    internal LinkRates Rates { get; }

    internal LinkMeasures Measures { get; }

    internal Lock Gate => gate;

    internal Outbox Outbox => outbox;

    internal RoundRules Rules => rules;

    internal ControlFrames Controls { get; } = new();

    /// <summary>Something to send, or the end.</summary>
    internal Signal Outgoing { get; } = new();

    /// <summary>As <see cref="Received"/>; under the gate.</summary>
    internal ulong LastReceived => lastReceived;

    internal LinkClosedException? Closed => Volatile.Read(ref closed);

    /// <summary>Carries messages over a connection until that ends. A newer call takes over from an older one.</summary>
    /// <param name="connection">After its handshake; disposed of at the end.</param>
    /// <param name="peerReceived">The last message the other end received, as it said in the handshake.</param>
    /// <param name="cancellation">Ends the connection, not the link.</param>
    /// <returns>When the link has closed as it should.</returns>
    /// <exception cref="ConnectionLostException">The link waits for the next connection.</exception>
    /// <exception cref="ProtocolException">The other end sent what was not agreed: the link is closed.</exception>
    /// <exception cref="RefusedException">The other end gave up: the link is closed.</exception>
    public async Task RunAsync(FrameConnection connection, ulong peerReceived, CancellationToken cancellation)
    {
        LinkPump mine = new(this, connection, options);
        LinkPump? older;
        lock (gate)
            (older, pump) = (pump, mine);
        if (older is not null)
            await older.StopAsync("A newer connection took over.").ConfigureAwait(false);
        await mine.RunAsync(peerReceived, cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Hands a message over. Returns at once, but for the start of a round: then when the other end has it, since until then the
    /// weights, which are not the link's, are read. Cancelled, it is as if it had not been sent, and nothing is read any more.
    /// </summary>
    public async ValueTask SendAsync(Message message, CancellationToken cancellation)
    {
        Outgoing outgoing = Add(message);
        Outgoing.Set();
        if (message is not Message.RoundStart)
            return;
        using (cancellation.UnsafeRegister(_ => Withdraw(outgoing), null))
        {
            if (await outgoing.Settled.ConfigureAwait(false) is { } reason)
                throw cancellation.IsCancellationRequested ? new OperationCanceledException(cancellation) : reason;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<Message> ReceiveAsync(CancellationToken cancellation)
    {
        while (true)
        {
            long wait;
            lock (gate)
            {
                long now = options.Clock.GetTimestamp();
                if (inbox.First is { } first && first.NotBefore <= now)
                    return inbox.Take();
                if (inbox.First is null && closed is not null)
                    throw new LinkClosedException(closed.Message, closed.InnerException);
                wait = inbox.First is { } later ? later.NotBefore - now : 0;
            }

            if (wait > 0)
                await Task.Delay(options.Clock.GetElapsedTime(0, wait) + TimeSpan.FromMilliseconds(1), options.Clock, cancellation).ConfigureAwait(false);
            else
                await received.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public bool TryReceive([NotNullWhen(true)] out Message? message)
    {
        lock (gate)
        {
            if (inbox.First is null && closed is not null)
                throw new LinkClosedException(closed.Message, closed.InnerException);
            message = inbox.First is { } first && first.NotBefore <= options.Clock.GetTimestamp() ? inbox.Take() : null;
            return message is not null;
        }
    }

    /// <inheritdoc/>
    public void Agree(RoundAgreement agreement)
    {
        lock (gate)
        {
            // The server's round begins with the start it is about to send; a device's with the start it took last.
            ulong start = End == LinkEnd.Server ? ulong.MaxValue : inbox.LastStart;
            rules.Agree(agreement, start);
            outbox.GiveUpBefore(start);
            inbox.Clear(start);
            inbox.TakeBackStarts(keep: 1);
        }

        Rates.Agree(agreement.Share);
    }

    /// <summary>At the server: asks the device what each block costs it.</summary>
    /// <returns>The profile, as JSON.</returns>
    /// <exception cref="LinkClosedException">The link closed before.</exception>
    public Task<string> ProfileAsync(CancellationToken cancellation) => Measures.ProfileAsync(cancellation);

    /// <summary>At the server: sends bytes each way and measures how fast they come, and how long a ping takes. Between rounds only.</summary>
    /// <exception cref="ConnectionLostException">The connection broke meanwhile, or there was none.</exception>
    /// <exception cref="LinkClosedException">The link closed before.</exception>
    /// <exception cref="ProtocolException">The device never tells a rate.</exception>
    public Task<LinkMeasurement> ProbeAsync(CancellationToken cancellation) => Measures.ProbeAsync(cancellation);

    /// <summary>
    /// No connection will come any more: whoever receives gets what came before, then learns of the end; so does the other end, as
    /// a goodbye, or with a cause as an error.
    /// </summary>
    public void Close(Exception? cause = null)
    {
        LinkPump? told;
        lock (gate)
        {
            if (closed is not null)
                return;
            closed = new LinkClosedException(cause?.Message ?? "The link was closed.", cause);
            outbox.GiveUpAll(closed);
            told = pump;
        }

        Measures.Fail(closed);
        Rates.Close();
        told?.OnClosed();
        Outgoing.Set();
        received.Set();
    }

    /// <summary>Closes, lets a connection say so, and returns what memory there is.</summary>
    public async ValueTask DisposeAsync()
    {
        Close();
        LinkPump? last;
        lock (gate)
            last = pump;
        if (last is not null)
            await last.Ended.ConfigureAwait(false);
        lock (gate)
        {
            inbox.Clear(ulong.MaxValue);
            inbox.TakeBackStarts(keep: 0);
        }
    }

    /// <summary>Adds a frame that is not a round's, to be kept until it is confirmed.</summary>
    internal void Add(FrameHeader header, IReadOnlyList<PayloadPart> parts)
    {
        lock (gate)
        {
            if (closed is not null)
                throw new LinkClosedException(closed.Message, closed.InnerException);
            header.Sequence = outbox.NextSequence;
            outbox.Add(new Outgoing(header, parts, () => { }));
        }

        Outgoing.Set();
    }

    /// <summary>Takes note that a numbered frame came; under the gate.</summary>
    internal void Confirm(ulong sequence, Flow flow)
    {
        lastReceived = Math.Max(lastReceived, sequence);
        Controls.Add(new Confirm { Received = lastReceived, BitsPerSecond = flow.BitsPerSecond ?? 0 });
    }

    /// <summary>Hands a message that came to whoever waits for it, unless its round is over by now.</summary>
    internal void Deliver(FrameHeader header, Message message, Flow flow)
    {
        lock (gate)
        {
            Confirm(header.Sequence, flow);
            if (closed is not null || rules.IsLate(header))
            {
                MessageFormat.Release(message, ownsWeights: true);
            }
            else
            {
                rules.Received(header);
                ulong start = message is Message.RoundStart ? header.Sequence : rules.Start;
                inbox.Add(new Incoming(message, start, options.Clock.GetTimestamp() + latency));
            }
        }

        Outgoing.Set();
        received.Set();
    }

    private Outgoing Add(Message message)
    {
        lock (gate)
        {
            if (closed is not null)
            {
                MessageFormat.Release(message, ownsWeights: false);
                throw new LinkClosedException(closed.Message, closed.InnerException);
            }

            ulong sequence = outbox.NextSequence;
            if (message is Message.RoundStart)
                rules.Begin(sequence);
            (FrameHeader header, IReadOnlyList<PayloadPart> parts) = MessageFormat.Write(message, sequence, rules, options.Encoding);
            rules.Sent(message);
            if (message is Message.RoundEnd)
                inbox.TakeBackStarts(keep: 0);
            Outgoing outgoing = new(header, parts, () => MessageFormat.Release(message, ownsWeights: false))
            {
                Start = rules.Start,
                NotBefore = options.Clock.GetTimestamp() + latency,
            };
            outbox.Add(outgoing);
            return outgoing;
        }
    }

    private void Withdraw(Outgoing outgoing)
    {
        LinkPump? reading;
        lock (gate)
        {
            outbox.GiveUp(outgoing, new OperationCanceledException("The message was withdrawn."));
            reading = outgoing.IsSending ? pump : null;
        }

        // Half of it is out: only the end of the connection takes it back.
        reading?.Abort("A message was withdrawn while it was being sent.");
    }
}
