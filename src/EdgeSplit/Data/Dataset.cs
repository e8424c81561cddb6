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

    /// <summary>The columns' names, one a number of a sample; null where they have none.</summary>
    public virtual IReadOnlyList<string>? FeatureNames => null;

    /// <summary>Whether classes are known by number only, as in a file of labels without names.</summary>
    public virtual bool LabelsAreNumbers => false;

    /// <summary>What a file's raw values were divided by to come to those read here.</summary>
    public virtual float Divisor => 1;

    /// <summary>Where the samples come from, for people: a file.</summary>
    public virtual string Origin => "data";

    /// <summary>What the samples follow from, where they are made up as they are read; null where they are stored.</summary>
    internal virtual string? Recipe => null;

    /// <summary>Where a sample is, for people.</summary>
    public virtual string PlaceOf(int index) => $"{Origin}, sample {index}";

    /// <summary>Copies sample <paramref name="index"/> to <paramref name="values"/>, which has room for one sample.</summary>
    public abstract void Read(int index, Span<float> values);
}

/// <summary>What a model learns from, and what it is judged on.</summary>
/// <param name="Name">What the set is called.</param>
/// <param name="Train">What it learns from; empty where only devices have samples.</param>
/// <param name="Test">What it is judged on: the same sample shape and classes; empty where nothing is judged.</param>
/// <param name="Contract">What both parts are.</param>
public sealed record DataSplit(string Name, Dataset Train, Dataset Test, DataContract Contract)
{
    /// <summary>The contract's; both parts go through it.</summary>
    public Normalization? Normalization => Contract.Normalization;

    /// <summary>What a person should know of the files though they can be trained with.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
