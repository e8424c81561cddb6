using EdgeSplit.Numerics;

namespace EdgeSplit.Data;

/// <summary>Which samples an experiment uses.</summary>
/// <param name="Source">Where they come from.</param>
/// <param name="TrainSamples">How many of the training samples, drawn by seed; null for all.</param>
/// <param name="TestSamples">How many of the test samples, drawn by seed; null for all.</param>
/// <param name="Augmentation">What training batches go through.</param>
public sealed record DataSpec(DataSource Source, int? TrainSamples, int? TestSamples, AugmentationSpec Augmentation);

/// <summary>Where samples come from.</summary>
public abstract record DataSource
{
    private DataSource()
    {
    }

    /// <summary>A data set known by name: <c>fashion-mnist</c>, <c>mnist</c>, <c>cifar10</c>, <c>cifar100</c>.</summary>
    public sealed record Named(string Name) : DataSource;

    /// <summary>Four files in the IDX format, gzipped or not.</summary>
    public sealed record Idx(string TrainImages, string TrainLabels, string TestImages, string TestLabels) : DataSource;

    /// <summary>Two CSV files with a header; every column but the label's is a feature.</summary>
    public sealed record Csv(string Train, string Test, string LabelColumn) : DataSource;

    /// <summary>Class prototypes plus noise, made from the seed: any shape, no files.</summary>
    public sealed record Synthetic(Shape Shape, int Classes, int TrainCount, int TestCount, double Noise) : DataSource;
}

/// <summary>Standard augmentation, seeded per sample.</summary>
/// <param name="CropPadding">Pixels of zero padding before a random crop back to size; 0 for none.</param>
/// <param name="HorizontalFlip">Mirror each image with probability one half.</param>
public sealed record AugmentationSpec(int CropPadding = 0, bool HorizontalFlip = false);
