using System.Threading.Channels;

namespace EdgeSplit.Wire;

/// <summary>Something to look at again: set any number of times, it wakes its one waiter once.</summary>
internal sealed class Signal
{
    private readonly Channel<bool> channel = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public void Set() => channel.Writer.TryWrite(true);

    public ValueTask<bool> WaitAsync(CancellationToken cancellation) => channel.Reader.ReadAsync(cancellation);
}
