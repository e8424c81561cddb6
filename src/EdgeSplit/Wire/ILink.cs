using System.Diagnostics.CodeAnalysis;

namespace EdgeSplit.Wire;

/// <summary>One end of an ordered, lossless connection between a device and the server. One sender and one receiver at a time.</summary>
public interface ILink : IAsyncDisposable
{
    /// <summary>Hands a message over, with the tensors in it.</summary>
    ValueTask SendAsync(Message message, CancellationToken cancellation);

    /// <summary>The next message.</summary>
    /// <exception cref="LinkClosedException">The other end is gone.</exception>
    ValueTask<Message> ReceiveAsync(CancellationToken cancellation);

    /// <summary>The next message, if it is there already: at work, a device looks whether its work is still wanted.</summary>
    /// <exception cref="LinkClosedException">The other end is gone, and all it sent is received.</exception>
    bool TryReceive([NotNullWhen(true)] out Message? message);

    /// <summary>Says what the messages of a round may be, before the first of them is sent or read. What does not fit is refused unread.</summary>
    void Agree(RoundAgreement agreement);

    /// <summary>Ends the link itself, not only one round's use of it: the other end learns why, and has to open a new one.</summary>
    /// <param name="cause">What the other end did that was not agreed, or why it is no longer wanted; null for an orderly end.</param>
    void Close(Exception? cause = null);
}

/// <summary>The other end of a link is gone; the message says why where it is known.</summary>
public sealed class LinkClosedException(string message, Exception? cause = null) : Exception(message, cause);
