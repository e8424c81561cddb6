using EdgeSplit.Data;
using EdgeSplit.Numerics;

namespace EdgeSplit.Tests.Data;

public sealed class IdxDatasetTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Images_and_labels_are_read_gzipped_or_not(bool gzipped)
    {
        Func<byte[], byte[]> pack = gzipped ? SampleFiles.Gzip : bytes => bytes;
        DataSplit split = SampleFiles.Load(SampleFiles.Idx(
            folder,
            pack(SampleFiles.Images(3)), pack(SampleFiles.Labels(0, 2, 1)), pack(SampleFiles.Images(2)), pack(SampleFiles.Labels(1, 0))));

        Assert.Equal((3, 2, 3), (split.Train.Count, split.Test.Count, split.Train.Classes));
        Assert.Equal(new Shape(1, 2, 3), split.Train.SampleShape);
        Assert.Equal([0, 2, 1], split.Train.Labels);
        Assert.Equal([10 / 255f, 11 / 255f, 12 / 255f, 13 / 255f, 14 / 255f, 15 / 255f], SampleFiles.Values(split.Train, 1));
    }

    [Fact]
    public void Everything_wrong_with_four_files_is_said_at_once()
    {
        IReadOnlyList<Fault> faults = SampleFiles.Faults(SampleFiles.Idx(
            folder,
            SampleFiles.Idx(0x0D, [1, 2, 3], new byte[24]),
            [1, 2, 3, 4, 5],
            SampleFiles.Gzip(SampleFiles.Images(50))[..40],
            SampleFiles.Labels(0)[..8]));

        Assert.Equal(["train-images", "train-labels", "test-images", "test-labels"], faults.Select(fault => Path.GetFileName(fault.Where)));
        Assert.Contains("32-bit floats", faults[0].Problem, StringComparison.Ordinal);
        Assert.Contains("not an IDX file", faults[1].Problem, StringComparison.Ordinal);
        Assert.Contains("ends before the 300 bytes", faults[2].Problem, StringComparison.Ordinal);
        Assert.Contains("ends before", faults[3].Problem, StringComparison.Ordinal);
    }

    public static TheoryData<byte[], string> BadImages => new()
    {
        { [], "not an IDX file" },
        { [0, 0, 8, 3, 0, 0], "in the middle of its header" },
        { SampleFiles.Labels(0, 1), "says 1 dimensions" },
        { SampleFiles.Idx(0x08, [0, 28, 28], []), "no elements" },
        { SampleFiles.Idx(0x08, [2, 2, 3], new byte[11]), "ends before the 12 bytes" },
        { SampleFiles.Idx(0x08, [2, 2, 3], new byte[13]), "goes on after" },
        { SampleFiles.Idx(0x08, [0x7FFFFFFF, 28, 28], new byte[100]), "more than the file can hold" },
        { SampleFiles.Idx(0x08, [0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF], []), "more than the file can hold" },
        { SampleFiles.Gzip(SampleFiles.Idx(0x08, [0x7FFFFFFF, 1, 1], new byte[100])), "more than the file can hold" },
        { SampleFiles.Gzip(SampleFiles.Idx(0x08, [3, 20, 20], new byte[1100])), "ends before the 1200 bytes" },
        { SampleFiles.Gzip(SampleFiles.Idx(0x08, [2, 2, 3], new byte[1 << 20])), "goes on after the 12 bytes" },
        { [0x1F, 0x8B, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], "gzip data are damaged" },
    };

    [Theory]
    [MemberData(nameof(BadImages), DisableDiscoveryEnumeration = true)]
    public void A_damaged_file_is_named_with_what_is_wrong(byte[] images, string problem)
    {
        Fault fault = Assert.Single(SampleFiles.Faults(SampleFiles.Idx(
            folder, images, SampleFiles.Labels(0, 1), SampleFiles.Images(1), SampleFiles.Labels(1))));
        Assert.EndsWith("train-images", fault.Where, StringComparison.Ordinal);
        Assert.Contains(problem, fault.Problem, StringComparison.Ordinal);
        Assert.NotNull(fault.Remedy);
    }

    [Fact]
    public void A_header_that_lies_within_what_gzip_could_hold_costs_memory_only_for_what_is_there()
    {
        // 800 KB of gzip could hold 800 MB, and the header claims 700 MB; these are noise, and hold no more than they are.
        byte[] noise = new byte[800_000];
        var random = new SeededRandom(1);
        foreach (ref byte value in noise.AsSpan())
            value = (byte)random.NextBits();
        byte[] images = SampleFiles.Gzip(SampleFiles.Idx(0x08, [700_000, 1000, 1], noise));
        DataSource.Idx source = SampleFiles.Idx(folder, images, SampleFiles.Labels(new byte[700_000]), SampleFiles.Images(1), SampleFiles.Labels(0));

        long before = GC.GetAllocatedBytesForCurrentThread();
        Fault fault = Assert.Single(SampleFiles.Faults(source));
        Assert.Contains("ends before", fault.Problem, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 80L << 20);
    }

    [Fact]
    public void A_claim_that_the_labels_do_not_bear_out_costs_nothing_though_the_file_holds_it()
    {
        // 100 MB of zeros in 100 KB: the images are all there, and there are ten labels.
        byte[] images = SampleFiles.Gzip(SampleFiles.Idx(0x08, [100_000, 10, 100], new byte[100_000_000]));
        DataSource.Idx source = SampleFiles.Idx(folder, images, SampleFiles.Labels(new byte[10]), SampleFiles.Images(1), SampleFiles.Labels(0));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Fault fault = Assert.Single(SampleFiles.Faults(source));
        Assert.Contains("claims 100000 images, and there are 10 labels", fault.Problem, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1L << 20);
    }

    [Fact]
    public void Counts_and_labels_and_shapes_that_do_not_fit_are_faults()
    {
        IReadOnlyList<Fault> faults = SampleFiles.Faults(SampleFiles.Idx(
            folder,
            SampleFiles.Images(3), SampleFiles.Labels(0, 1), SampleFiles.Idx(0x08, [1, 3, 3], new byte[9]), SampleFiles.Labels(7)));

        Assert.Equal(3, faults.Count);
        Assert.Contains("2 labels", faults[0].Problem, StringComparison.Ordinal);
        Assert.Contains("label 0 is 7, and the set has classes 0 to 1", faults[1].Problem, StringComparison.Ordinal);
        Assert.Contains("1x3x3", faults[2].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_and_a_folder_are_named()
    {
        IReadOnlyList<Fault> faults = SampleFiles.Faults(new DataSource.Idx(
            folder.At("nowhere", "images"), folder.At("absent"), folder.Root, folder.Write("test-labels", SampleFiles.Labels(0))));

        Assert.Equal(3, faults.Count);
        Assert.Contains("no such file", faults[0].Problem, StringComparison.Ordinal);
        Assert.Contains("no such file", faults[1].Problem, StringComparison.Ordinal);
        Assert.Contains("a folder, not a file", faults[2].Problem, StringComparison.Ordinal);
    }
}
