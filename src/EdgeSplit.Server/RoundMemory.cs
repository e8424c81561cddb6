using EdgeSplit.Training;

namespace EdgeSplit.Server;

/// <summary>
/// Gives back between rounds what a round took. When hundreds of devices send at once, there are more large buffers than pools keep, and
/// whole models wait for their turn in the mean; what is dropped of them is garbage of the large object heap, which grows by as much as
/// is alive before the runtime collects it. At a round's end nothing of it is needed, and no device waits for more than this pause.
/// </summary>
internal sealed class RoundMemory
{
    /// <summary>Bytes allocated since the last time: less is left to the runtime.</summary>
    private const long WorthCollecting = 64 << 20;

    private long collectedAt = GC.GetTotalAllocatedBytes();

    public void Note(RunEvent happened)
    {
        if (happened is not RoundFinished || GC.GetTotalAllocatedBytes() - collectedAt < WorthCollecting)
            return;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        collectedAt = GC.GetTotalAllocatedBytes();
    }
}
