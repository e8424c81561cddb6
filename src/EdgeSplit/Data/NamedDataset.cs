using EdgeSplit.Data.Files;
using EdgeSplit.Numerics;

namespace EdgeSplit.Data;

/// <summary>One file of a named set.</summary>
/// <param name="Name">Its name in the set's folder.</param>
/// <param name="Sha256">The digests it may have, in lower-case hexadecimal: several where the same content was packed anew.</param>
internal sealed record DataFile(string Name, params string[] Sha256);

/// <summary>A data set known by name: its files, where they come from and how they are read.</summary>
internal sealed record NamedDataset
{
    public required string Name { get; init; }

    /// <summary>What lies in the set's folder.</summary>
    public required IReadOnlyList<DataFile> Files { get; init; }

    /// <summary>The folder on the web that holds the files, or the archive.</summary>
    public required Uri Address { get; init; }

    /// <summary>A tar.gz that holds the files, in any folder; null where each is downloaded by itself.</summary>
    public DataFile? Archive { get; init; }

    public required DataFacts Facts { get; init; }

    public required Normalization Normalization { get; init; }

    /// <summary>Reads the set from the folder that holds its files.</summary>
    public required Func<string, (Dataset Train, Dataset Test)> Read { get; init; }

    /// <summary>What is downloaded for it.</summary>
    public IReadOnlyList<DataFile> Downloads => Archive is null ? Files : [Archive];

    /// <summary>Every set known, in the order of their names.</summary>
    public static IReadOnlyList<NamedDataset> All { get; } =
    [
        new()
        {
            Name = "cifar10",
            Address = new("https://www.cs.toronto.edu/~kriz/"),
            Archive = new("cifar-10-binary.tar.gz", "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"),
            Files =
            [
                new("data_batch_1.bin", "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"),
                new("data_batch_2.bin", "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"),
                new("data_batch_3.bin", "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"),
                new("data_batch_4.bin", "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"),
                new("data_batch_5.bin", "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"),
                new("test_batch.bin", "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"),
            ],
            Facts = new(new Shape(3, 32, 32), Classes: 10, TrainSamples: 50_000),
            Normalization = new([0.4914f, 0.4822f, 0.4465f], [0.2470f, 0.2435f, 0.2616f]),
            Read = folder => CifarDatasets.Read(
                [.. Enumerable.Range(1, 5).Select(batch => Path.Combine(folder, $"data_batch_{batch}.bin"))],
                [Path.Combine(folder, "test_batch.bin")],
                labelBytes: 1,
                ClassNames.Cifar10),
        },
        new()
        {
            Name = "cifar100",
            Address = new("https://www.cs.toronto.edu/~kriz/"),
            Archive = new("cifar-100-binary.tar.gz", "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec"),
            Files =
            [
                new("train.bin", "f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29"),
                new("test.bin", "d8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a"),
            ],
            Facts = new(new Shape(3, 32, 32), Classes: 100, TrainSamples: 50_000),
            Normalization = new([0.5071f, 0.4865f, 0.4409f], [0.2673f, 0.2564f, 0.2762f]),
            Read = folder => CifarDatasets.Read(
                [Path.Combine(folder, "train.bin")], [Path.Combine(folder, "test.bin")], labelBytes: 2, ClassNames.Cifar100),
        },
        new()
        {
            Name = "fashion-mnist",
            Address = new("https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"),
            Files = IdxFiles(
                // The publisher's archives, then Debian's of the same content.
                [
                    "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                    "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7",
                ],
                [
                    "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                    "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056",
                ],
                [
                    "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                    "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa",
                ],
                [
                    "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
                    "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05",
                ]),
            Facts = new(new Shape(1, 28, 28), Classes: 10, TrainSamples: 60_000),
            Normalization = new([0.2860f], [0.3530f]),
            Read = folder => ReadIdx(folder, ClassNames.FashionMnist),
        },
        new()
        {
            Name = "mnist",
            Address = new("https://ossci-datasets.s3.amazonaws.com/mnist/"),
            Files = IdxFiles(
                ["440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"],
                ["3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"],
                ["8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"],
                ["f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"]),
            Facts = new(new Shape(1, 28, 28), Classes: 10, TrainSamples: 60_000),
            Normalization = new([0.1307f], [0.3081f]),
            Read = folder => ReadIdx(folder, ClassNames.Digits),
        },
    ];

    private static DataFile[] IdxFiles(string[] trainImages, string[] trainLabels, string[] testImages, string[] testLabels) =>
    [
        new("train-images-idx3-ubyte.gz", trainImages),
        new("train-labels-idx1-ubyte.gz", trainLabels),
        new("t10k-images-idx3-ubyte.gz", testImages),
        new("t10k-labels-idx1-ubyte.gz", testLabels),
    ];

    private static (Dataset Train, Dataset Test) ReadIdx(string folder, string[] classNames) => IdxDatasets.Read(
        new DataSource.Idx(
            Path.Combine(folder, "train-images-idx3-ubyte.gz"),
            Path.Combine(folder, "train-labels-idx1-ubyte.gz"),
            Path.Combine(folder, "t10k-images-idx3-ubyte.gz"),
            Path.Combine(folder, "t10k-labels-idx1-ubyte.gz")),
        classNames);
}
