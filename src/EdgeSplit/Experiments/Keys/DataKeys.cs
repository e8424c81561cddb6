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

    /// <summary>Of a synthetic set, how many samples there are unless the file says so.</summary>
    public static (int Train, int Test) SyntheticSamples => (10_000, 2_000);

    public static Section Data(Section augment) => new(
        new Key("source", new Choice([.. Vocabulary.DataSets, "csv", "idx", "synthetic"]), "A data set by name, your own files (csv, idx), or a made-up one (synthetic).") { Required = true },
        new Key("train", new Text(Expected: PathExpected), "The CSV file to learn from, with a header, relative to this file.") { Required = true, OnlyFor = ["csv"] },
        new Key("test", new Text(Expected: PathExpected), "The CSV file to judge by, with the same header.") { Required = true, OnlyFor = ["csv"] },
        new Key("label", new Text(Expected: "the name of a column"), "The column that holds the class; every other column is a feature.") { Required = true, OnlyFor = ["csv"] },
        new Key("trainImages", new Text(Expected: PathExpected), "An IDX file to learn from, gzipped or not, relative to this file.") { Required = true, OnlyFor = ["idx"] },
        new Key("trainLabels", new Text(Expected: PathExpected), "An IDX file of their classes.") { Required = true, OnlyFor = ["idx"] },
        new Key("testImages", new Text(Expected: PathExpected), "An IDX file to judge by.") { Required = true, OnlyFor = ["idx"] },
        new Key("testLabels", new Text(Expected: PathExpected), "An IDX file of their classes.") { Required = true, OnlyFor = ["idx"] },
        new Key("shape", new Extents(), "The shape of one synthetic sample.") { Default = "3x32x32", OnlyFor = ["synthetic"] },
        new Key("classes", new Whole(2, 100_000), "Classes of a synthetic set.") { Default = 10L, OnlyFor = ["synthetic"] },
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
