using System.Buffers;
using EdgeSplit.Numerics;

namespace EdgeSplit.Data;

/// <summary>
/// Reads mini-batches of a data set: augments (training only), then normalises. Augmentation is seeded per sample by the batch's key
/// and the sample's position in it. Safe to use from many threads.
/// </summary>
public sealed class BatchReader
{
    private readonly Dataset dataset;
    private readonly Normalization? normalization;
    private readonly AugmentationSpec augmentation;
    private readonly int size;

    /// <param name="dataset">Where the samples are.</param>
    /// <param name="normalization">What every sample goes through last; null for raw values.</param>
    /// <param name="augmentation">What training batches go through first.</param>
    /// <exception cref="InvalidInputException">Samples that are not images cannot be cropped or flipped.</exception>
    public BatchReader(Dataset dataset, Normalization? normalization, AugmentationSpec augmentation)
    {
        if (augmentation.CropPadding < 0)
            throw new InvalidInputException("data.augment", $"a crop padding of {augmentation.CropPadding}", "give 0 or more pixels");
        if (augmentation is not { CropPadding: 0, HorizontalFlip: false } && dataset.SampleShape.Rank != 3)
        {
            throw new InvalidInputException(
                "data.augment",
                $"samples of shape {dataset.SampleShape} are not images, and cannot be cropped or flipped",
                "leave augmentation out");
        }

        if (normalization is not null && !normalization.Fits(dataset.SampleShape))
            throw new ArgumentException($"The normalisation does not fit samples of {dataset.SampleShape}.", nameof(normalization));
        this.dataset = dataset;
        this.normalization = normalization;
        this.augmentation = augmentation;
        size = checked((int)dataset.SampleShape.ElementCount);
    }

    /// <summary>The batches of samples 0..<paramref name="count"/>−1 in their order: for evaluation.</summary>
    public static IEnumerable<int[]> InOrder(int count, int batchSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        for (int start = 0; start < count; start += Math.Min(batchSize, count - start))
        {
            int[] batch = new int[Math.Min(batchSize, count - start)];
            for (int position = 0; position < batch.Length; position++)
                batch[position] = start + position;
            yield return batch;
        }
    }

    /// <summary>A batch as it stands, only normalised; the caller disposes it.</summary>
    public Batch Read(ReadOnlySpan<int> samples) => Read(samples, null);

    /// <summary>A training batch, augmented and normalised; the caller disposes it.</summary>
    public Batch Read(ReadOnlySpan<int> samples, StepKey key) =>
        Read(samples, augmentation is { CropPadding: 0, HorizontalFlip: false } ? null : key);

    private Batch Read(ReadOnlySpan<int> samples, StepKey? key)
    {
        HostTensor inputs = HostTensor.Rent(ElementType.Float32, dataset.SampleShape.Prepend(samples.Length));
        int[] labels = new int[samples.Length];
        Span<float> values = inputs.As<float>();
        float[] original = key is null ? [] : ArrayPool<float>.Shared.Rent(size);
        for (int position = 0; position < samples.Length; position++)
        {
            Span<float> sample = values.Slice(position * size, size);
            labels[position] = dataset.Labels[samples[position]];
            if (key is null)
            {
                dataset.Read(samples[position], sample);
            }
            else
            {
                dataset.Read(samples[position], original);
                Augment(original.AsSpan(0, size), sample, KeyOf(key.Value, position));
            }

            normalization?.Apply(sample);
        }

        if (key is not null)
            ArrayPool<float>.Shared.Return(original);
        return new Batch(inputs, labels);
    }

    private static ulong KeyOf(StepKey key, int position) => SeededRandom.KeyOf(
        key.Seed, DataStreams.Augmentation, (ulong)key.Device, (ulong)key.Round, (ulong)key.Step, (ulong)position);

    /// <summary>Crops out of the zero-padded image at a random place, then flips: torchvision's order, on raw pixels.</summary>
    private void Augment(ReadOnlySpan<float> original, Span<float> sample, ulong key)
    {
        // Three numbers do not need a generator of their own: the finaliser of three different words is enough.
        int places = checked((2 * augmentation.CropPadding) + 1);
        int down = Below(places, SeededRandom.Mix(key + 1)) - augmentation.CropPadding;
        int right = Below(places, SeededRandom.Mix(key + 2)) - augmentation.CropPadding;
        bool flip = augmentation.HorizontalFlip && (SeededRandom.Mix(key + 3) >> 63) == 1;

        int rows = dataset.SampleShape[1], columns = dataset.SampleShape[2];
        int firstColumn = Math.Clamp(-right, 0, columns), pastColumn = Math.Clamp(columns - right, firstColumn, columns);
        for (int row = 0; row < dataset.SampleShape[0] * rows; row++)
        {
            Span<float> target = sample.Slice(row * columns, columns);
            int sourceRow = (row % rows) + down;
            if (sourceRow < 0 || sourceRow >= rows || firstColumn == pastColumn)
            {
                target.Clear();
                continue;
            }

            target[..firstColumn].Clear();
            target[pastColumn..].Clear();
            original.Slice(((row + down) * columns) + firstColumn + right, pastColumn - firstColumn).CopyTo(target[firstColumn..]);
            if (flip)
                target.Reverse();
        }
    }

    private static int Below(int exclusiveMaximum, ulong bits) => (int)Math.BigMul(bits, (ulong)exclusiveMaximum, out _);
}
