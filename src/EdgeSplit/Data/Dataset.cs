using EdgeSplit.Numerics;

namespace EdgeSplit.Data;

/// <summary>
/// Labelled samples in memory, of one shape. Values are raw: pixels in [0, 1], table columns as they stand; a
/// <see cref="BatchReader"/> augments and normalises. Safe to read from many threads.
/// </summary>
public abstract class Dataset
{
    /// <summary>The shape of one sample, channels first.</summary>
    public abstract Shape SampleShape { get; }

    public abstract int Count { get; }

    /// <summary>The number of classes; labels are 0..Classes−1.</summary>
    public int Classes => ClassNames.Count;

    public abstract IReadOnlyList<string> ClassNames { get; }

    /// <summary>The class of each sample.</summary>
    public abstract ReadOnlySpan<int> Labels { get; }

    /// <summary>Copies sample <paramref name="index"/> to <paramref name="values"/>, which has room for one sample.</summary>
    public abstract void Read(int index, Span<float> values);
}

/// <summary>What a model learns from, and what it is judged on.</summary>
/// <param name="Name">What the set is called.</param>
/// <param name="Train">What it learns from.</param>
/// <param name="Test">What it is judged on: the same sample shape and classes.</param>
/// <param name="Normalization">The training set's, published or computed; both parts go through it.</param>
public sealed record DataSplit(string Name, Dataset Train, Dataset Test, Normalization Normalization);
