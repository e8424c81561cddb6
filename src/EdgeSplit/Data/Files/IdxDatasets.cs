using System.Globalization;
using EdgeSplit.Numerics;

namespace EdgeSplit.Data.Files;

/// <summary>A training and a test set from up to four IDX files.</summary>
internal static class IdxDatasets
{
    /// <summary>An experiment's own files: classes and shape are those it gives, else the training files'.</summary>
    /// <exception cref="InvalidInputException">Everything wrong with any of the files.</exception>
    public static DataSplit Read(DataSource.Idx source, ContractSpec spec)
    {
        List<Fault> faults = [];
        (IdxFile? images, IdxFile? labels) train = ReadPair(source.TrainImages, source.TrainLabels, faults);
        (IdxFile? images, IdxFile? labels) test = ReadPair(source.TestImages, source.TestLabels, faults);
        IReadOnlyList<string>? classes = spec.Classes ?? (train.labels is null ? null : NumbersTo(train.labels.Elements.Max()));
        Shape? shape = spec.Shape ?? (train.images is null ? null : SampleShape(train.images));
        Check(source.TrainImages, source.TrainLabels, train, shape, classes, faults);
        Check(source.TestImages, source.TestLabels, test, shape, classes, faults);
        if (faults.Count > 0)
            throw new InvalidInputException(faults);

        bool hasNumbersOnly = spec.Classes is null || spec.ClassesAreNumbers;
        Dataset trainSet = Join(train, source.TrainImages, shape!.Value, classes!, hasNumbersOnly), testSet = Join(test, source.TestImages, shape.Value, classes!, hasNumbersOnly);
        Normalization? normalization = spec.Choose(trainSet.Count == 0 ? null : () => Normalization.Of(trainSet), shape.Value, faults);
        if (faults.Count > 0)
            throw new InvalidInputException(faults);
        DataContract contract = new() { SampleShape = shape.Value, ClassNames = classes!, Divisor = ImageDataset.PixelDivisor, Normalization = normalization };
        return new DataSplit("idx", trainSet, testSet, contract) { Warnings = SplitWarnings.Of(trainSet, source.TrainImages, source.TestImages) };
    }

    /// <summary>A set whose classes are known.</summary>
    /// <exception cref="InvalidInputException">Everything wrong with any of the files.</exception>
    public static (Dataset Train, Dataset Test) Read(DataSource.Idx source, IReadOnlyList<string> classNames)
    {
        DataSplit split = Read(source, new ContractSpec { Classes = classNames, Normalize = NormalizeKind.None });
        return (split.Train, split.Test);
    }

    private static string[] NumbersTo(int last) => [.. Enumerable.Range(0, last + 1).Select(number => number.ToString(CultureInfo.InvariantCulture))];

    private static (IdxFile? Images, IdxFile? Labels) ReadPair(string? imagesPath, string? labelsPath, List<Fault> faults)
    {
        // Labels are small, and say how many images there can be before any is read; their faults come second all the same.
        List<Fault> ofLabels = [];
        IdxFile? labels = labelsPath is null ? null : IdxFile.Read(labelsPath, expectedCount: null, images: false, ofLabels);
        IdxFile? images = imagesPath is null ? null : IdxFile.Read(imagesPath, labels?.Count, images: true, faults);
        faults.AddRange(ofLabels);
        return (images, labels);
    }

    private static void Check(
        string? imagesPath, string? labelsPath, (IdxFile? Images, IdxFile? Labels) pair, Shape? shape, IReadOnlyList<string>? classNames, List<Fault> faults)
    {
        if (pair is ({ } some, { } named) && named.Count != some.Count)
            faults.Add(new Fault(labelsPath!, $"it has {named.Count} labels, and {imagesPath} {some.Count} images", "give two files of one set"));
        if (pair.Labels is { } labels && classNames is not null)
        {
            int wrong = Array.FindIndex(labels.Elements, label => label >= classNames.Count);
            if (wrong >= 0)
            {
                faults.Add(new Fault(
                    labelsPath!, $"label {wrong} is {labels.Elements[wrong]}, and the set has classes 0 to {classNames.Count - 1}", "give the labels of this set"));
            }
        }

        if (pair.Images is { } images && shape is { } wanted && SampleShape(images) != wanted)
            faults.Add(new Fault(imagesPath!, $"its images are {SampleShape(images)}, and those of the set {wanted}", "give two files of one set"));
    }

    private static Shape SampleShape(IdxFile images) =>
        images.Shape.Rank == 4 ? images.Shape.WithoutLeading() : images.Shape.WithoutLeading().Prepend(1);

    private static Dataset Join(
        (IdxFile? Images, IdxFile? Labels) pair, string? path, Shape shape, IReadOnlyList<string> classNames, bool hasNumbersOnly) =>
        pair is ({ } images, { } labels)
            ? new ImageDataset(images.Elements, shape, [.. labels.Elements.Select(label => (int)label)], classNames) { HasNumbersOnly = hasNumbersOnly, Path = path! }
            : new EmptyDataset(shape, classNames);
}
