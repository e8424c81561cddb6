using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace EdgeSplit.Wire;

/// <summary>
/// A link inside one process: messages change hands, nothing is copied. Where an encoding narrows tensors on a wire, it rounds them
/// here all the same, so that the bits do not depend on where a device is.
/// </summary>
public sealed class InMemoryLink : ILink
{
    private readonly ChannelReader<Message> incoming;
    private readonly ChannelWriter<Message> outgoing;
    private readonly TensorEncoding encoding;

    private InMemoryLink(ChannelReader<Message> incoming, ChannelWriter<Message> outgoing, TensorEncoding encoding)
    {
        this.incoming = incoming;
        this.outgoing = outgoing;
        this.encoding = encoding;
    }

    /// <summary>The two ends of a new link.</summary>
    public static (InMemoryLink Server, InMemoryLink Device) CreatePair(TensorEncoding encoding = TensorEncoding.Float32)
    {
        UnboundedChannelOptions options = new()
        {
            SingleReader = true,
            SingleWriter = true,
            // Who waits for a message goes on in the sender's thread: the two ends take turns, and a change of threads per
            // message would cost more than some steps.
            AllowSynchronousContinuations = true,
        };
        Channel<Message> up = Channel.CreateUnbounded<Message>(options);
        Channel<Message> down = Channel.CreateUnbounded<Message>(options);
        return (new InMemoryLink(up.Reader, down.Writer, encoding), new InMemoryLink(down.Reader, up.Writer, encoding));
    }

    public ValueTask SendAsync(Message message, CancellationToken cancellation)
    {
        if (encoding != TensorEncoding.Float32 && message.Encodable is { } tensor)
            TensorCoding.Round(tensor.As<float>(), encoding);
        if (outgoing.TryWrite(message))
            return ValueTask.CompletedTask;
        message.Discard();
        return ValueTask.FromException(new LinkClosedException("This end of the link is closed."));
    }

    public async ValueTask<Message> ReceiveAsync(CancellationToken cancellation)
    {
        try
        {
            return await incoming.ReadAsync(cancellation).ConfigureAwait(false);
        }
        catch (ChannelClosedException closed)
        {
            throw Closed(closed.InnerException);
        }
    }

    public bool TryReceive([NotNullWhen(true)] out Message? message)
    {
        if (incoming.TryRead(out message))
            return true;
        return incoming.Completion.IsCompleted ? throw Closed(incoming.Completion.Exception?.InnerException) : false;
    }

    /// <summary>Nothing to prepare: messages change hands whole, and who gets them checks them.</summary>
    public void Agree(RoundAgreement agreement)
    {
    }

    /// <summary>Closes this end: the other end reads what was sent, then learns that no more comes, and why.</summary>
    public void Close(Exception? cause = null) => outgoing.TryComplete(cause);

    /// <summary>Closes this end; what came and was not received is given back.</summary>
    public ValueTask DisposeAsync()
    {
        Close();
        while (incoming.TryRead(out Message? message))
            message.Discard();
        return ValueTask.CompletedTask;
    }

    private static LinkClosedException Closed(Exception? cause) => new(cause?.Message ?? "The other end closed the link.", cause);
}
