using EdgeSplit.Numerics;

namespace EdgeSplit.Data;

/// <summary>Images of 8-bit pixels, channels first, read as value / 255.</summary>
public sealed class ImageDataset : Dataset
{
    /// <summary>The largest pixel.</summary>
    public const float PixelDivisor = 255;

    private static readonly float[] Scale = [.. Enumerable.Range(0, 256).Select(pixel => pixel / PixelDivisor)];

    private readonly byte[] pixels;
    private readonly int[] labels;
    private readonly int size;

    /// <param name="pixels">All samples, one after the other; kept, not copied.</param>
    /// <param name="sampleShape">The shape of one sample, channels first.</param>
    /// <param name="labels">The class of each sample; kept, not copied.</param>
    /// <param name="classNames">One per class.</param>
    /// <exception cref="ArgumentException">Pixels, labels and shape do not fit together.</exception>
    public ImageDataset(byte[] pixels, Shape sampleShape, int[] labels, IReadOnlyList<string> classNames)
    {
        size = checked((int)sampleShape.ElementCount);
        if (pixels.Length != (long)size * labels.Length)
            throw new ArgumentException($"{pixels.Length} pixels for {labels.Length} samples of {sampleShape}.", nameof(pixels));
        this.pixels = pixels;
        this.labels = labels;
        SampleShape = sampleShape;
        ClassNames = classNames;
    }

    public override Shape SampleShape { get; }

    public override int Count => labels.Length;

    public override IReadOnlyList<string> ClassNames { get; }

    public override ReadOnlySpan<int> Labels => labels;

    public override float Divisor => PixelDivisor;

    /// <summary>Whether the class names are only its numbers.</summary>
    public override bool LabelsAreNumbers => HasNumbersOnly;

    public override string Origin => Path;

    /// <inheritdoc cref="LabelsAreNumbers"/>
    public bool HasNumbersOnly { get; init; }

    /// <summary>The file they were read from.</summary>
    public string Path { get; init; } = "data";

    public override void Read(int index, Span<float> values)
    {
        ReadOnlySpan<byte> source = pixels.AsSpan(index * size, size);
        values = values[..source.Length];
        for (int i = 0; i < source.Length; i++)
            values[i] = Scale[source[i]];
    }
}
