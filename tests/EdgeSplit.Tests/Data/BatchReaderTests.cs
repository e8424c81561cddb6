using EdgeSplit.Data;
using EdgeSplit.Numerics;

namespace EdgeSplit.Tests.Data;

public class BatchReaderTests
{
    private static readonly StepKey Key = new(Seed: 9, Device: 2, Round: 3, Step: 4);

    // Two channels of 4×5, every pixel different and none zero.
    private static readonly ImageDataset Images = new(
        [.. Enumerable.Range(0, 6 * 40).Select(k => (byte)(1 + k))], new Shape(2, 4, 5), [0, 1, 2, 0, 1, 2], ["a", "b", "c"]);

    [Fact]
    public void Without_augmentation_a_batch_is_the_samples_as_they_stand()
    {
        using Batch batch = new BatchReader(Images, null, new AugmentationSpec(CropPadding: 2, HorizontalFlip: true)).Read([4, 1]);
        Assert.Equal(new Shape(2, 2, 4, 5), batch.Inputs.Shape);
        Assert.Equal([1, 1], batch.Labels);
        Assert.Equal([.. SampleFiles.Values(Images, 4), .. SampleFiles.Values(Images, 1)], batch.Inputs.As<float>());
    }

    [Fact]
    public void Normalisation_is_per_channel_as_torchvision_does_it()
    {
        var normalization = new Normalization([0.25f, 0.5f], [0.5f, 2f]);
        using Batch batch = new BatchReader(Images, normalization, new AugmentationSpec()).Read([3], Key);
        float[] raw = SampleFiles.Values(Images, 3);
        float[] expected = [.. raw.Select((value, index) => index < 20 ? (value - 0.25f) / 0.5f : (value - 0.5f) / 2f)];
        Assert.Equal(expected, batch.Inputs.As<float>());
    }

    [Fact]
    public void Every_augmented_image_is_a_crop_of_the_padded_one_perhaps_mirrored()
    {
        const int Padding = 2;
        var reader = new BatchReader(Images, null, new AugmentationSpec(Padding, HorizontalFlip: true));
        float[] original = SampleFiles.Values(Images, 5);
        HashSet<(int, int, bool)> seen = [];
        for (int step = 0; step < 600; step++)
        {
            using Batch batch = reader.Read([5], Key with { Step = step });
            (int, int, bool)[] matches =
            [
                .. from down in Enumerable.Range(-Padding, (2 * Padding) + 1)
                   from right in Enumerable.Range(-Padding, (2 * Padding) + 1)
                   from flip in new[] { false, true }
                   where Crop(original, down, right, flip).AsSpan().SequenceEqual(batch.Inputs.As<float>())
                   select (down, right, flip),
            ];
            seen.Add(Assert.Single(matches));
        }

        Assert.Equal(5 * 5 * 2, seen.Count);
    }

    [Fact]
    public void Augmentation_depends_on_seed_device_round_step_and_position_and_on_nothing_else()
    {
        var reader = new BatchReader(Images, null, new AugmentationSpec(CropPadding: 2, HorizontalFlip: true));
        int[] samples = [.. Enumerable.Repeat(5, 16)];
        StepKey[] keys =
            [Key, Key with { Seed = 8 }, Key with { Device = 0 }, Key with { Round = 1 }, Key with { Step = 0 }];
        Assert.Equal(keys.Length, keys.Select(Read).Distinct().Count());
        Assert.Equal(Read(Key), Read(Key));

        using Batch batch = reader.Read(samples, Key);
        Assert.True(Enumerable.Range(0, 16).Select(position => batch.Inputs.As<float>()[(position * 40) + 7]).Distinct().Count() > 3);
        using Batch shorter = reader.Read(samples.AsSpan(0, 3), Key);
        Assert.Equal(batch.Inputs.As<float>()[..120], shorter.Inputs.As<float>());

        string Read(StepKey key)
        {
            using Batch read = reader.Read(samples, key);
            return Convert.ToHexString(read.Inputs.Bytes);
        }
    }

    [Theory]
    [InlineData(7)]
    [InlineData(1_000_000)]
    public void Padding_wider_than_the_image_leaves_zeros_not_a_crash(int padding)
    {
        var reader = new BatchReader(Images, null, new AugmentationSpec(padding));
        for (int step = 0; step < 200; step++)
        {
            using Batch batch = reader.Read([0], Key with { Step = step });
            Assert.Equal(new Shape(1, 2, 4, 5), batch.Inputs.Shape);
        }
    }

    [Fact]
    public void Rows_of_a_table_cannot_be_augmented()
    {
        var table = new TableDataset([1, 2], ["x", "y"], [0], ["a"]);
        Fault fault = Assert.Single(Assert.Throws<InvalidInputException>(
            () => new BatchReader(table, null, new AugmentationSpec(HorizontalFlip: true))).Faults);
        Assert.Equal("data.augment", fault.Where);
    }

    [Fact]
    public void A_normalisation_is_computed_per_channel_and_per_column()
    {
        var table = new TableDataset([1e6f + 1, 5, 0, 1e6f + 3, 5, 1], ["x", "y", "z"], [0, 0], ["a"]);
        Normalization columns = Normalization.Of(table);
        Assert.Equal([1e6f + 2, 5, 0.5f], columns.Mean);
        Assert.Equal([1, 1, 0.5f], columns.StandardDeviation);

        Normalization channels = Normalization.Of(Images);
        double[] first =
            [.. Enumerable.Range(0, 6).SelectMany(index => SampleFiles.Values(Images, index)[..20]).Select(value => (double)value)];
        Assert.Equal(2, channels.Mean.Length);
        Assert.Equal(first.Average(), channels.Mean[0], 1e-6);
        Assert.Equal(Math.Sqrt(first.Average(value => value * value) - Math.Pow(first.Average(), 2)), channels.StandardDeviation[0], 1e-6);
    }

    [Fact]
    public void Reading_in_order_covers_a_set_once() =>
        Assert.Equal([[0, 1, 2], [3, 4, 5], [6]], BatchReader.InOrder(7, 3));

    [Fact]
    public void Reading_a_batch_allocates_nothing_per_sample()
    {
        var reader = new BatchReader(Images, new Normalization([0, 0], [1, 1]), new AugmentationSpec(2, true));
        int[] many = [.. Enumerable.Range(0, 6_000).Select(index => index % 6)];
        reader.Read(many, Key).Dispose();
        long before = GC.GetAllocatedBytesForCurrentThread();
        reader.Read(many, Key).Dispose();

        // The labels, and some hundred bytes for the batch itself.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (4 * many.Length) + 1000);
    }

    private static float[] Crop(float[] original, int down, int right, bool flip)
    {
        float[] crop = new float[40];
        for (int index = 0; index < 40; index++)
        {
            (int channel, int row, int column) = (index / 20, index % 20 / 5, index % 5);
            (int fromRow, int fromColumn) = (row + down, (flip ? 4 - column : column) + right);
            if (fromRow is >= 0 and < 4 && fromColumn is >= 0 and < 5)
                crop[index] = original[(channel * 20) + (fromRow * 5) + fromColumn];
        }

        return crop;
    }
}
