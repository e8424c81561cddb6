using System.Globalization;
using System.Runtime.InteropServices;
using EdgeSplit.Torch.Native;

namespace EdgeSplit.Tests.Torch;

[Collection(TorchCollection.Name)]
public class TensorMemoryTests
{
    private const int Blocks = 40;
    private const int BlockBytes = 4 << 20;

    /// <summary>In blocks of which more fit the heaps of a thread than glibc keeps of its own accord, and no other tensor lies in between.</summary>
    [Fact]
    public void The_C_library_keeps_what_is_freed_once_libtorch_is_loaded()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Page faults of a thread are counted on Linux.");
        Assert.SkipWhen(IsSetInEnvironment(), "The environment says what the C library keeps.");
        TorchRuntime.EnsureLoaded();

        long[] faults = [.. Enumerable.Range(0, 4).Select(_ => FaultsOfBlocks())];

        int pages = Blocks * (BlockBytes / Environment.SystemPageSize);
        Assert.True(faults[^1] < pages / 10, $"{pages} pages, page faults time after time: {string.Join(' ', faults)}");
    }

    private static unsafe long FaultsOfBlocks()
    {
        long before = FaultsOfThread();
        Stack<nint> blocks = [];
        for (int block = 0; block < Blocks; block++)
        {
            blocks.Push((nint)NativeMemory.Alloc(BlockBytes));
            new Span<byte>((void*)blocks.Peek(), BlockBytes).Fill(1);
        }

        while (blocks.TryPop(out nint block))
            NativeMemory.Free((void*)block);
        return FaultsOfThread() - before;
    }

    private static bool IsSetInEnvironment() => Environment.GetEnvironmentVariables().Keys.Cast<string>()
        .Any(name => name.StartsWith("MALLOC_", StringComparison.Ordinal) || name == "GLIBC_TUNABLES");

    /// <summary>Field 10 of proc_pid_stat(5), minflt; the second may hold blanks.</summary>
    private static long FaultsOfThread()
    {
        string line = File.ReadAllText("/proc/thread-self/stat");
        return long.Parse(line[(line.LastIndexOf(')') + 2)..].Split(' ')[7], CultureInfo.InvariantCulture);
    }
}
