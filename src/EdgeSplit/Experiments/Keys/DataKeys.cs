using EdgeSplit.Data;
using EdgeSplit.Numerics;
using static EdgeSplit.Experiments.Keys.ValueKind;

namespace EdgeSplit.Experiments.Keys;

/// <summary>The keys of the samples.</summary>
internal static class DataKeys
{
    private const string PathExpected = "the path of a file";

    private static readonly Section Partition = new(
        new Key("kind", new Choice("iid", "dirichlet", "classes", "size-skew"), "iid: evenly; dirichlet: unequal classes; classes: few classes each; size-skew: unequal sizes.") { Default = "iid" },
        new Key("alpha", new Number(0, 1_000_000, OverMinimum: true), "Of the Dirichlet distribution: the smaller, the more unequal.") { Default = 0.5, OnlyFor = ["dirichlet", "size-skew"] },
        new Key("minimumSamples", new Whole(1, int.MaxValue), "What every device gets at least.") { Default = 10L, OnlyFor = ["dirichlet", "size-skew"] },
        new Key("classesPerDevice", new Whole(1, 100_000), "How many classes each device sees.") { Default = 2L, OnlyFor = ["classes"] })
    {
        Shorthand = "kind",
        Discriminator = "kind",
    };

    private static readonly Section Normalize = new(
        new Key("kind", new Choice("auto", "standard", "none"), "standard: by the training set's means and standard deviations; none: values as they are; auto: none for a network that begins with an embedding, else standard.") { Default = "auto" },
        new Key("mean", new Numbers(DataContract.MostFeatures, new Number(-1e12, 1e12)), "What is subtracted: one number for all, or one for each channel or column. Of images, after pixels are divided by 255.") { Example = "[0.5]" },
        new Key("deviation", new Numbers(DataContract.MostFeatures, new Number(0, 1e12, OverMinimum: true)), "What is divided by then: as many numbers.") { Example = "[0.5]" })
    {
        Shorthand = "kind",
    };

    /// <summary>Of a synthetic set, what its samples are unless the file says so.</summary>
    public static (Shape Shape, int Classes) SyntheticKind => (new(3, 32, 32), 10);

    /// <summary>Of a synthetic set, how many samples there are unless the file says so.</summary>
    public static (int Train, int Test) SyntheticSamples => (10_000, 2_000);

    public static Section Data(Section augment) => new(
        new Key("source", new Choice([.. Vocabulary.DataSets, "csv", "idx", "synthetic"]), "A data set by name, your own files (csv, idx), or a made-up one (synthetic).") { Required = true },
        new Key("train", new Text(Expected: PathExpected), "The CSV file to learn from, with a header, relative to this file. A server whose devices have their own needs none: then features and classes are given.") { OnlyFor = ["csv"] },
        new Key("test", new Text(Expected: PathExpected), "The CSV file to judge by, with the same columns. Without it nothing is judged.") { OnlyFor = ["csv"] },
        new Key("label", new Text(Expected: "the name of a column"), "The column that holds the class; every other column is a feature.") { Required = true, OnlyFor = ["csv"] },
        new Key("trainImages", new Text(Expected: PathExpected), "An IDX file to learn from, gzipped or not, relative to this file. A server whose devices have their own needs none: then shape and classes are given.") { OnlyFor = ["idx"] },
        new Key("trainLabels", new Text(Expected: PathExpected), "An IDX file of their classes.") { OnlyFor = ["idx"] },
        new Key("testImages", new Text(Expected: PathExpected), "An IDX file to judge by. Without it nothing is judged.") { OnlyFor = ["idx"] },
        new Key("testLabels", new Text(Expected: PathExpected), "An IDX file of their classes.") { OnlyFor = ["idx"] },
        new Key("features", new Names(DataContract.MostFeatures, DataContract.LongestName), "The columns' names, in the order in which the network takes them.") { DefaultInWords = "those of the training file", Example = "[width, height]", OnlyFor = ["csv"] },
        new Key("shape", new Extents(), "The shape of one sample.") { DefaultInWords = "that of the training images; 3x32x32 of a synthetic set", Example = "3x32x32", OnlyFor = ["idx", "synthetic"] },
        new Key("classes", new CountOrNames(new Whole(1, DataContract.MostClasses), new Names(DataContract.MostClasses, DataContract.LongestName)), "The classes' names in the order of their numbers; or how many there are, if labels are numbers from 0.") { DefaultInWords = "those of the training labels; 10 of a synthetic set", Example = "10", OnlyFor = ["csv", "idx", "synthetic"] },
        new Key("normalize", Normalize, "What values go through before the network takes them."),
        new Key("noise", new Number(0, 1_000_000), "Standard deviation of the noise around each class's prototype.") { Default = 1.0, OnlyFor = ["synthetic"] },
        new Key("trainSamples", new Whole(1, int.MaxValue, "all"), "Training samples to use, drawn by the seed; of a synthetic set, to make.") { DefaultInWords = "all; 10000 of a synthetic set" },
        new Key("testSamples", new Whole(1, int.MaxValue, "all"), "Test samples to use, drawn by the seed; of a synthetic set, to make.") { DefaultInWords = "all; 2000 of a synthetic set" },
        new Key("partition", Partition, "How training samples are dealt to the devices; every sample goes to exactly one."),
        new Key("augment", augment, "What training images go through, seeded per sample."))
    {
        Shorthand = "source",
        Discriminator = "source",
    };
}
