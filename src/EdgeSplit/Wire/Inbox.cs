namespace EdgeSplit.Wire;

/// <summary>Messages that came and were not yet asked for, and the weights of those starts of rounds that are at work. Its link guards it.</summary>
internal sealed class Inbox
{
    private readonly List<Incoming> messages = [];
    private readonly List<Message.RoundStart> starts = [];

    /// <summary>The next; null when there is none.</summary>
    public Incoming? First => messages.Count > 0 ? messages[0] : null;

    /// <summary>The number of the round's start that was taken last; 0 for none.</summary>
    public ulong LastStart { get; private set; }

    /// <summary>The start of a round outdates whatever came before it.</summary>
    public void Add(Incoming incoming)
    {
        if (incoming.Message is Message.RoundStart)
            Clear(incoming.Start);
        messages.Add(incoming);
    }

    /// <summary>Hands out the first; the weights of a round's start are only lent.</summary>
    public Message Take()
    {
        Incoming first = messages[0];
        messages.RemoveAt(0);
        if (first.Message is Message.RoundStart start)
        {
            LastStart = first.Start;
            starts.Add(start);
        }

        return first.Message;
    }

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

    /// <summary>Takes back the weights of all but the latest starts.</summary>
    public void TakeBackStarts(int keep)
    {
        while (starts.Count > keep)
        {
            MessageFormat.Release(starts[0], ownsWeights: true);
            starts.RemoveAt(0);
        }
    }
}

/// <summary>A message that came.</summary>
/// <param name="Message">Its tensors are this end's own.</param>
/// <param name="Start">The number of its round's start.</param>
/// <param name="NotBefore">A timestamp it is not handed out before: of a link that is played slower than it is.</param>
internal sealed record Incoming(Message Message, ulong Start, long NotBefore);
