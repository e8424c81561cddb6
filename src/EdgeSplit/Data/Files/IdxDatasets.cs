using EdgeSplit.Numerics;

namespace EdgeSplit.Data.Files;

/// <summary>A training and a test set from four IDX files.</summary>
internal static class IdxDatasets
{
    /// <param name="source">The four files.</param>
    /// <param name="classNames">The classes; null where the training labels define them.</param>
    /// <exception cref="InvalidInputException">Everything wrong with any of the files.</exception>
    public static (ImageDataset Train, ImageDataset Test) Read(DataSource.Idx source, IReadOnlyList<string>? classNames)
    {
        List<Fault> faults = [];
        IdxFile? trainImages = IdxFile.Read(source.TrainImages, images: true, faults);
        IdxFile? trainLabels = IdxFile.Read(source.TrainLabels, images: false, faults);
        IdxFile? testImages = IdxFile.Read(source.TestImages, images: true, faults);
        IdxFile? testLabels = IdxFile.Read(source.TestLabels, images: false, faults);

        if (classNames is null && trainLabels is not null)
            classNames = [.. Enumerable.Range(0, trainLabels.Elements.Max() + 1).Select(c => $"{c}")];
        CheckLabels(source.TrainLabels, trainLabels, source.TrainImages, trainImages, classNames, faults);
        CheckLabels(source.TestLabels, testLabels, source.TestImages, testImages, classNames, faults);
        if (trainImages is not null && testImages is not null && SampleShape(trainImages) != SampleShape(testImages))
        {
            faults.Add(new Fault(
                source.TestImages,
                $"its images are {SampleShape(testImages)}, and the training images {SampleShape(trainImages)}",
                "give two files of one set"));
        }

        return faults.Count == 0
            ? (Join(trainImages!, trainLabels!, classNames!), Join(testImages!, testLabels!, classNames!))
            : throw new InvalidInputException(faults);
    }

    private static void CheckLabels(
        string labelsPath, IdxFile? labels, string imagesPath, IdxFile? images, IReadOnlyList<string>? classNames, List<Fault> faults)
    {
        if (labels is not null && images is not null && labels.Count != images.Count)
        {
            faults.Add(new Fault(
                labelsPath, $"it has {labels.Count} labels, and {imagesPath} {images.Count} images", "give two files of one set"));
        }

        if (labels is null || classNames is null)
            return;
        int wrong = Array.FindIndex(labels.Elements, label => label >= classNames.Count);
        if (wrong >= 0)
        {
            faults.Add(new Fault(
                labelsPath,
                $"label {wrong} is {labels.Elements[wrong]}, and the set has classes 0 to {classNames.Count - 1}",
                "give the labels of this set"));
        }
    }

    private static Shape SampleShape(IdxFile images) =>
        images.Shape.Rank == 4 ? images.Shape.WithoutLeading() : images.Shape.WithoutLeading().Prepend(1);

    private static ImageDataset Join(IdxFile images, IdxFile labels, IReadOnlyList<string> classNames) =>
        new(images.Elements, SampleShape(images), [.. labels.Elements.Select(label => (int)label)], classNames);
}
