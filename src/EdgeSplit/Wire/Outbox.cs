namespace EdgeSplit.Wire;

/// <summary>What one end of a link has sent, or is to send, and the other end has not confirmed. Its link guards it.</summary>
internal sealed class Outbox
{
    private readonly List<Outgoing> unconfirmed = [];
    private ulong last;
    private ulong confirmed;
    private ulong lastSent;
    private ulong sentHere;

    /// <summary>The number of the next message.</summary>
    public ulong NextSequence => last + 1;

    public void Add(Outgoing outgoing)
    {
        last = outgoing.Sequence;
        unconfirmed.Add(outgoing);
    }

    /// <summary>The next to go over this connection; null when there is none.</summary>
    public Outgoing? Next() => unconfirmed.Find(outgoing => outgoing.Sequence > sentHere);

    /// <summary>An unconfirmed message by its number; null when there is none.</summary>
    public Outgoing? Find(ulong sequence) => unconfirmed.Find(outgoing => outgoing.Sequence == sequence);

    public void BeginSending(Outgoing outgoing)
    {
        sentHere = outgoing.Sequence;
        lastSent = Math.Max(lastSent, sentHere);
        outgoing.BeginSending();
    }

    /// <summary>Another connection: what the other end lacks goes over it again.</summary>
    /// <exception cref="ProtocolException">It claims what cannot be.</exception>
    public void Resume(ulong received)
    {
        if (received < confirmed)
            throw new ProtocolException($"Expected message {confirmed} to be received, as was confirmed; received a claim of {received}.");
        Confirm(received);
        sentHere = received;
    }

    /// <exception cref="ProtocolException">It claims what cannot be.</exception>
    public void Confirm(ulong received)
    {
        if (received > lastSent)
            throw new ProtocolException($"Expected message {lastSent} to be the last received, received a claim of {received}.");
        confirmed = Math.Max(confirmed, received);
        Finish(outgoing => outgoing.Sequence <= received, givenUp: null);
    }

    /// <summary>Gives up what belongs to a round that is over.</summary>
    public void GiveUpBefore(ulong start) =>
        Finish(outgoing => outgoing.Start != 0 && outgoing.Start < start, new OperationCanceledException("Another round has begun."));

    public void GiveUp(Outgoing outgoing, Exception reason) => Finish(other => other == outgoing, reason);

    public void GiveUpAll(Exception reason) => Finish(_ => true, reason);

    private void Finish(Predicate<Outgoing> which, Exception? givenUp)
    {
        foreach (Outgoing outgoing in unconfirmed)
        {
            if (which(outgoing))
                outgoing.Finish(givenUp);
        }

        unconfirmed.RemoveAll(which);
    }
}
