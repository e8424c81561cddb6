using EdgeSplit.Wire.Protocol;

namespace EdgeSplit.Wire;

/// <summary>Takes in the frames of one connection of a link, one after the other, until the other end has no more to say.</summary>
internal sealed class FrameReceiver(ResumableLink link, FrameConnection connection, LinkOptions options)
{
    private ulong pingId;
    private long pingSentAt;

    /// <summary>The other end said goodbye or why it gives up: it awaits no answer.</summary>
    public bool HasHeardLastWords { get; private set; }

    /// <summary>A ping goes out now.</summary>
    public void PingSent(ulong id)
    {
        lock (link.Gate)
            (pingId, pingSentAt) = (id, options.Clock.GetTimestamp());
    }

    /// <exception cref="ProtocolException">What came was not agreed.</exception>
    /// <exception cref="RefusedException">The other end gave up.</exception>
    /// <exception cref="ConnectionLostException">The connection broke, or ended without a word.</exception>
    public async Task RunAsync()
    {
        long before = connection.BytesReceived;
        while (await connection.ReceiveHeaderAsync().ConfigureAwait(false) is { } header)
        {
            bool isMessage = await TakeAsync(header).ConfigureAwait(false);
            long after = connection.BytesReceived;
            link.Meter.CountReceived(after - before, isMessage ? (long)header.PayloadBytes : 0);
            before = after;
            if (HasHeardLastWords)
                return;
        }

        if (link.Closed is null)
            throw new ConnectionLostException("The other end closed the connection.");
    }

    /// <returns>Whether it was a message of a round.</returns>
    private async ValueTask<bool> TakeAsync(FrameHeader header)
    {
        switch (header.ContentCase)
        {
            case FrameHeader.ContentOneofCase.RoundStart:
            case FrameHeader.ContentOneofCase.StepUp:
            case FrameHeader.ContentOneofCase.StepDown:
            case FrameHeader.ContentOneofCase.RoundEnd:
                await TakeMessageAsync(header).ConfigureAwait(false);
                return true;
            case FrameHeader.ContentOneofCase.ProfileRequest:
            case FrameHeader.ContentOneofCase.ProfileResult:
            case FrameHeader.ContentOneofCase.ProbeRequest:
            case FrameHeader.ContentOneofCase.Probe:
            case FrameHeader.ContentOneofCase.ProbeResult:
                await link.Measures.TakeAsync(header, connection).ConfigureAwait(false);
                return false;
            default:
                TakeControl(header);
                return false;
        }
    }

    private void TakeControl(FrameHeader header)
    {
        if (header.PayloadBytes != 0 || header.Sequence != 0)
            throw new ProtocolException($"Expected neither a number nor a payload with {header.ContentCase}, received both or one of them.");
        switch (header.ContentCase)
        {
            case FrameHeader.ContentOneofCase.Ping:
                _ = AnswerAsync(header.Ping.Id);
                break;
            case FrameHeader.ContentOneofCase.Pong:
                Measure(header.Pong.Id);
                break;
            case FrameHeader.ContentOneofCase.Confirm:
                Confirm(header.Confirm);
                break;
            case FrameHeader.ContentOneofCase.Rate when link.End == LinkEnd.Device:
                double rate = header.Rate.BitsPerSecond;
                link.Rates.Told(rate > 0 && double.IsFinite(rate) ? rate : throw new ProtocolException($"Expected a rate, received {rate}."));
                break;
            case FrameHeader.ContentOneofCase.Goodbye:
                HasHeardLastWords = true;
                link.Close();
                break;
            case FrameHeader.ContentOneofCase.Error:
                HasHeardLastWords = true;
                RefusedException refusal = new(header.Error.Code, header.Error.Reason);
                link.Close(refusal);
                throw refusal;
            default:
                throw new ProtocolException($"{header.ContentCase} is not for a {link.End} to receive now.");
        }
    }

    private async ValueTask TakeMessageAsync(FrameHeader header)
    {
        IReadOnlyList<TensorLayout>? tensors = Judge(header);
        if (tensors is null)
        {
            await connection.DrainPayloadAsync().ConfigureAwait(false);
            lock (link.Gate)
                link.Confirm(header.Sequence, default);
            link.Outgoing.Set();
            return;
        }

        link.Rates.BeginReceive((long)header.PayloadBytes);
        try
        {
            Message message = await MessageFormat.ReadAsync(connection, header, tensors, link.Rules.Layouts).ConfigureAwait(false);
            link.Meter.AddReceived(connection.LastFlow);
            link.Deliver(header, message, connection.LastFlow);
        }
        finally
        {
            link.Rates.EndReceive();
        }
    }

    /// <returns>The tensors to come; null where the payload is to be drained, since the message came before or too late.</returns>
    private IReadOnlyList<TensorLayout>? Judge(FrameHeader header)
    {
        lock (link.Gate)
        {
            link.Rules.RequireDirection(header);
            if (header.Sequence == 0)
                throw new ProtocolException($"Expected a number with {header.ContentCase}, received none.");
            if (header.Sequence > link.LastReceived)
                return link.Rules.IsLate(header) ? null : link.Rules.Judge(header);
            link.Rules.RequireDrainable(header);
            return null;
        }
    }

    private void Confirm(Confirm confirm)
    {
        lock (link.Gate)
        {
            if (confirm.BitsPerSecond is > 0 and < double.PositiveInfinity && link.Outbox.Find(confirm.Received) is { } sent)
            {
                double bits = sent.Header.PayloadBytes * 8.0 * FrameReader.MeasuredFraction;
                link.Meter.AddSent(new Flow(bits, bits / confirm.BitsPerSecond));
            }

            link.Outbox.Confirm(confirm.Received);
        }
    }

    private void Measure(ulong id)
    {
        lock (link.Gate)
        {
            if (id != pingId || pingSentAt == 0)
                return;
            link.Meter.AddRoundTrip(options.Clock.GetElapsedTime(pingSentAt).TotalSeconds);
            pingSentAt = 0;
        }

        link.Measures.Ponged();
    }

    private async Task AnswerAsync(ulong id)
    {
        if (options.Emulation is { LatencySeconds: > 0 } played)
            await Task.Delay(TimeSpan.FromSeconds(2 * played.LatencySeconds), options.Clock).ConfigureAwait(false);
        lock (link.Gate)
            link.Controls.Add(new Pong { Id = id });
        link.Outgoing.Set();
    }
}
