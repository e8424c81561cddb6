using EdgeSplit.Data;
using EdgeSplit.Data.Files;
using EdgeSplit.Numerics;

namespace EdgeSplit.Tests.Data;

public sealed class CifarDatasetTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Files_are_joined_in_order_and_keep_channels_first()
    {
        (ImageDataset train, ImageDataset test) = CifarDatasets.Read(
            [folder.Write("1", [.. Record([3], 10), .. Record([4], 20)]), folder.Write("2", Record([5], 30))],
            [folder.Write("t", Record([9], 40))],
            labelBytes: 1,
            ClassNames.Cifar10);

        Assert.Equal([3, 4, 5], train.Labels);
        Assert.Equal([9], test.Labels);
        Assert.Equal(new Shape(3, 32, 32), train.SampleShape);
        float[] values = SampleFiles.Values(train, 2);
        Assert.Equal([30 / 255f, 31 / 255f, 32 / 255f], [values[0], values[1024], values[2048]]);
    }

    [Fact]
    public void Of_two_label_bytes_the_second_is_the_class()
    {
        string path = folder.Write("train", Record([19, 99], 0));
        (ImageDataset train, _) = CifarDatasets.Read([path], [path], labelBytes: 2, ClassNames.Cifar100);
        Assert.Equal([99], train.Labels);
        Assert.Equal("worm", train.ClassNames[train.Labels[0]]);
        Assert.Equal(100, train.ClassNames.Distinct().Count());
    }

    [Fact]
    public void Cut_off_empty_missing_and_mislabelled_files_are_all_named()
    {
        InvalidInputException error = Assert.Throws<InvalidInputException>(() => CifarDatasets.Read(
            [folder.Write("cut", Record([1], 0)[..^1]), folder.Write("empty", []), folder.At("missing")],
            [folder.Write("label", [.. Record([1], 0), .. Record([10], 0)])],
            labelBytes: 1,
            ClassNames.Cifar10));

        Assert.Equal(["cut", "empty", "missing", "label"], error.Faults.Select(fault => Path.GetFileName(fault.Where)));
        Assert.Contains("3072 bytes are not a whole number of samples of 3073", error.Faults[0].Problem, StringComparison.Ordinal);
        Assert.Contains("label 1 is 10", error.Faults[3].Problem, StringComparison.Ordinal);
    }

    private static byte[] Record(byte[] label, byte first) =>
        [.. label, .. Enumerable.Range(0, 3072).Select(k => (byte)(first + (k / 1024)))];
}
