using System.Runtime.InteropServices;

namespace EdgeSplit.Torch.Native;

/// <summary>
/// Has glibc keep what tensors free, because the next step takes as much again. Left to itself, it gives the end of a heap back to the
/// system where much of it is free, and every page of it costs a fault to touch anew: thousands in a step of resnet18.
/// </summary>
/// <remarks>
/// What a process holds then stays at the most that a step takes. Tensors larger than <see cref="LargestKept"/> go back at once, as ever.
/// Thresholds set in the environment stay as they are; other C libraries have their own ways.
/// </remarks>
internal static partial class TensorMemory
{
    /// <summary>Bytes; the most that glibc takes out of a heap: half of one.</summary>
    private const int LargestKept = 32 << 20;

    /// <summary>Bytes of a thread's heap. With so much to spare wanted, a thread keeps all its heaps.</summary>
    private const int HeapSize = 64 << 20;

    // Of malloc.h.
    private const int TrimThreshold = -1, TopPad = -2, MmapThreshold = -3;

    private static readonly string[] Settings = ["MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TOP_PAD_"];

    /// <summary>To be called before there are tensors.</summary>
    public static void KeepFreed()
    {
        if (!OperatingSystem.IsLinux() || IsSetInEnvironment())
            return;
        try
        {
            _ = MallocOption(MmapThreshold, LargestKept);
            _ = MallocOption(TrimThreshold, -1);
            _ = MallocOption(TopPad, HeapSize);
        }
        catch (EntryPointNotFoundException)
        {
            // A C library other than glibc.
        }
    }

    private static bool IsSetInEnvironment() =>
        Environment.GetEnvironmentVariable("GLIBC_TUNABLES")?.Contains("glibc.malloc.", StringComparison.Ordinal) == true
        || Settings.Any(name => Environment.GetEnvironmentVariable(name) is not null);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int MallocOption(int option, int value);
}
