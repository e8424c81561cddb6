using EdgeSplit.Wire.Protocol;

namespace EdgeSplit.Wire;

/// <summary>A numbered frame that is kept until the other end confirms it. Its link guards it.</summary>
/// <param name="header">With its number.</param>
/// <param name="parts">Its payload, read whenever it is sent.</param>
/// <param name="release">Called once its payload is not read any more.</param>
internal sealed class Outgoing(FrameHeader header, IReadOnlyList<PayloadPart> parts, Action release)
{
    private readonly TaskCompletionSource<Exception?> settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool isDone;
    private Exception? failure;

    public FrameHeader Header => header;

    public IReadOnlyList<PayloadPart> Parts => parts;

    public ulong Sequence => header.Sequence;

    /// <summary>The number of the start of its round; 0 for none.</summary>
    public ulong Start { get; init; }

    /// <summary>A timestamp it is not sent before: of a link that is played slower than it is.</summary>
    public long NotBefore { get; init; }

    public bool IsSending { get; private set; }

    /// <summary>When its payload is not read any more: null where the other end has it, otherwise why it was given up.</summary>
    public Task<Exception?> Settled => settled.Task;

    public void BeginSending() => IsSending = true;

    public void EndSending()
    {
        IsSending = false;
        if (isDone)
            Settle();
    }

    /// <summary>It need not be sent again: the other end has it, or must do without.</summary>
    public void Finish(Exception? givenUp)
    {
        isDone = true;
        failure = givenUp;
        if (!IsSending)
            Settle();
    }

    private void Settle()
    {
        release();
        settled.TrySetResult(failure);
    }
}
