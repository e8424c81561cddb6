using System.Runtime.InteropServices;
using EdgeSplit.Training;

namespace EdgeSplit.Server;

/// <summary>
/// Gives back between rounds what a round took. When hundreds of devices send at once, there are more large buffers than pools keep, and
/// whole models wait for their turn in the mean; what is dropped of them is garbage of the large object heap, which grows by as much as
/// is alive before the runtime collects it. Tensors of the engine lie outside of it, where glibc keeps what is freed, more in every round
/// that frees in another order. At a round's end nothing of it is needed. Of fewer devices, pools keep what the next round takes again:
/// to give that back would cost a pause, and faults of every page when it is touched anew.
/// </summary>
/// <param name="devices">Of a round.</param>
internal sealed partial class RoundMemory(int devices)
{
    /// <summary>Buffers of one size that the shared pool keeps, for each core.</summary>
    private const int PooledBuffers = 32;

    /// <summary>Bytes allocated since the last time: less is left to the runtime.</summary>
    private const long WorthCollecting = 64 << 20;

    private long collectedAt = GC.GetTotalAllocatedBytes();

    /// <summary>Gives memory back if a round ended, and adds to the event what the process holds then.</summary>
    public RunEvent Noted(RunEvent happened)
    {
        if (happened is not RoundFinished finished)
            return happened;
        if (devices > PooledBuffers && GC.GetTotalAllocatedBytes() - collectedAt >= WorthCollecting)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            ReleaseNativeMemory();
            collectedAt = GC.GetTotalAllocatedBytes();
        }

        return finished with { ServerMemoryBytes = Environment.WorkingSet };
    }

    private static void ReleaseNativeMemory()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = MallocTrim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // A C library other than glibc: musl gives freed memory back by itself.
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint pad);
}
