namespace EdgeSplit.Wire;

/// <summary>Messages that came and were not yet asked for. Its link guards it.</summary>
internal sealed class Inbox
{
    private readonly List<Incoming> messages = [];

    /// <summary>The next; null when there is none.</summary>
    public Incoming? First => messages.Count > 0 ? messages[0] : null;

    /// <summary>The start of a round outdates whatever came before it.</summary>
    public void Add(Incoming incoming)
    {
        if (incoming.Message is Message.RoundStart)
            Clear(incoming.Start);
        messages.Add(incoming);
    }

    public void RemoveFirst() => messages.RemoveAt(0);

    /// <summary>Drops what belongs to rounds that began earlier.</summary>
    public void Clear(ulong start)
    {
        foreach (Incoming incoming in messages)
        {
            if (incoming.Start < start)
                MessageFormat.Release(incoming.Message, ownsWeights: true);
        }

        messages.RemoveAll(incoming => incoming.Start < start);
    }
}

/// <summary>A message that came.</summary>
/// <param name="Message">Its tensors are this end's own.</param>
/// <param name="Start">The number of its round's start.</param>
/// <param name="NotBefore">A timestamp it is not handed out before: of a link that is played slower than it is.</param>
internal sealed record Incoming(Message Message, ulong Start, long NotBefore);
