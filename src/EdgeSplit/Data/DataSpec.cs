using EdgeSplit.Numerics;

namespace EdgeSplit.Data;

/// <summary>Which samples an experiment uses.</summary>
/// <param name="Source">Where they come from.</param>
/// <param name="TrainSamples">How many of the training samples, drawn by seed; null for all.</param>
/// <param name="TestSamples">How many of the test samples, drawn by seed; null for all.</param>
/// <param name="Augmentation">What training batches go through.</param>
public sealed record DataSpec(DataSource Source, int? TrainSamples, int? TestSamples, AugmentationSpec Augmentation)
{
    /// <summary>What the experiment says itself of classes, columns, shape and normalisation.</summary>
    public ContractSpec Contract { get; init; } = new();

    /// <summary>What is missing of what training files would tell, where there are none: key, problem and remedy each.</summary>
    public IEnumerable<(string Key, string Problem, string Remedy)> Gaps()
    {
        switch (Source)
        {
            case DataSource.Csv { Train: null }:
                if (Contract.Features is null)
                    yield return ("train", "there is neither a training file nor data.features", "give train, or name the columns in features");
                if (Contract.Classes is null)
                    yield return ("train", "there is neither a training file nor data.classes", "give train, or name the classes in classes");
                break;
            case DataSource.Idx idx:
                if ((idx.TrainImages is null) != (idx.TrainLabels is null))
                    yield return (idx.TrainImages is null ? "trainImages" : "trainLabels", "this key is missing", "give trainImages and trainLabels, or neither");
                if ((idx.TestImages is null) != (idx.TestLabels is null))
                    yield return (idx.TestImages is null ? "testImages" : "testLabels", "this key is missing", "give testImages and testLabels, or neither");
                if (idx.TrainImages is null && Contract.Shape is null)
                    yield return ("trainImages", "there are neither training images nor data.shape", "give trainImages, or the shape of an image, as in shape: 1x28x28");
                if (idx.TrainLabels is null && Contract.Classes is null)
                    yield return ("trainLabels", "there are neither training labels nor data.classes", "give trainLabels, or how many classes there are, or their names");
                break;
        }
    }

    /// <summary>The same without a test set.</summary>
    public DataSpec TrainOnly() => this with
    {
        TestSamples = null,
        Source = Source switch
        {
            DataSource.Idx idx => idx with { TestImages = null, TestLabels = null },
            DataSource.Csv csv => csv with { Test = null },
            var other => other,
        },
    };
}

/// <summary>Where samples come from.</summary>
public abstract record DataSource
{
    private DataSource()
    {
    }

    /// <summary>A data set known by name: <c>fashion-mnist</c>, <c>mnist</c>, <c>cifar10</c>, <c>cifar100</c>.</summary>
    public sealed record Named(string Name) : DataSource;

    /// <summary>Four files in the IDX format, gzipped or not; null for the two that are not there.</summary>
    public sealed record Idx(string? TrainImages, string? TrainLabels, string? TestImages, string? TestLabels) : DataSource;

    /// <summary>Two CSV files with a header, null for one that is not there; every column but the label's is a feature.</summary>
    public sealed record Csv(string? Train, string? Test, string LabelColumn) : DataSource;

    /// <summary>Class prototypes plus noise, made from the seed: any shape, no files.</summary>
    public sealed record Synthetic(Shape Shape, int Classes, int TrainCount, int TestCount, double Noise) : DataSource;
}

/// <summary>Standard augmentation, seeded per sample.</summary>
/// <param name="CropPadding">Pixels of zero padding before a random crop back to size; 0 for none.</param>
/// <param name="HorizontalFlip">Mirror each image with probability one half.</param>
public sealed record AugmentationSpec(int CropPadding = 0, bool HorizontalFlip = false);
