using System.Formats.Tar;
using System.Security.Cryptography;
using EdgeSplit.Data;
using EdgeSplit.Numerics;

namespace EdgeSplit.Tests.Data;

public sealed class DatasetCatalogTests : IDisposable
{
    private static readonly string[] FashionFiles =
        ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"];

    // Whatever proxy the machine has, the loopback interface is not behind it.
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false });

    private readonly TemporaryFolder folder = new();

    private static string RepositoryData => DatasetLocations
        .Find(null, _ => null, [AppContext.BaseDirectory]).Folders.First(data => Directory.Exists(Path.Combine(data, "fashion-mnist")));

    private string Cache => folder.At("cache");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Fashion_mnist_is_in_the_repository_and_read_as_other_readers_do()
    {
        DataSplit split = await Load(Named("fashion-mnist"), [RepositoryData]);
        Assert.Equal((60_000, 10_000, 10), (split.Train.Count, split.Test.Count, split.Train.Classes));
        Assert.Equal(new Shape(1, 28, 28), split.Train.SampleShape);
        Assert.Equal([9, 0, 0, 3, 0, 2, 7, 2, 5, 5], split.Train.Labels[..10]);
        Assert.Equal([9, 2, 1, 1, 6, 1, 4, 6, 5, 7], split.Test.Labels[..10]);
        Assert.Equal("Ankle boot", split.Train.ClassNames[split.Train.Labels[0]]);

        // Sums of pixels by NumPy; the normalised pixel by torchvision.
        Assert.Equal(76247, SampleFiles.Values(split.Train, 0).Sum(value => value * 255), 0.5);
        Assert.Equal(16684, SampleFiles.Values(split.Train, 59_999).Sum(value => value * 255), 0.5);
        Assert.Equal(24390, SampleFiles.Values(split.Test, 9_999).Sum(value => value * 255), 0.5);
        using Batch batch = new BatchReader(split.Train, split.Normalization, new AugmentationSpec()).Read([0]);
        Assert.Equal(1.600511074066162f, batch.Inputs.As<float>()[(14 * 28) + 14], 1e-6f);
        Assert.Equal(211.852234, batch.Inputs.As<float>().ToArray().Sum(value => (double)value), 1e-3);

        Normalization computed = Normalization.Of(split.Train);
        Assert.Equal(0.2860405969887955, computed.Mean[0], 1e-7);
        Assert.Equal(0.35302424451492237, computed.StandardDeviation[0], 1e-7);
    }

    [Fact]
    public async Task A_download_is_checked_kept_in_the_cache_and_reported()
    {
        using var server = new LoopbackFiles(FashionFiles.ToDictionary(
            name => $"/fashion-mnist/{name}", name => File.ReadAllBytes(Path.Combine(RepositoryData, "fashion-mnist", name))));
        var progress = new Reports();
        DataSplit split = await Load(Named("fashion-mnist"), [], server.Address, progress: progress);
        Assert.Equal(60_000, split.Train.Count);
        Assert.Equal(FashionFiles.Select(name => $"/fashion-mnist/{name}"), server.Requests);
        Assert.Equal(FashionFiles, progress.Seen.Select(report => report.File).Distinct());
        Assert.All(FashionFiles, name =>
        {
            DownloadProgress last = progress.Seen.Last(report => report.File == name);
            Assert.Equal(last.TotalBytes, last.BytesReceived);
            Assert.Equal(last.TotalBytes, new FileInfo(Path.Combine(Cache, "fashion-mnist", name)).Length);
        });

        await Load(Named("fashion-mnist"), [], server.Address);
        Assert.Equal(4, server.Requests.Count);
        Assert.Equal([Path.Combine(Cache, "fashion-mnist")], Directory.EnumerateFileSystemEntries(Cache));
    }

    [Theory]
    [InlineData("digest", "is not the published one")]
    [InlineData("cut", "one.bin: ")]
    [InlineData("absent", "404")]
    [InlineData("offline", "one.bin: ")]
    public async Task A_failed_download_leaves_nothing_and_says_which_files_to_put_where(string failure, string problem)
    {
        byte[] content = [1, 2, 3];
        NamedDataset set = Toy(null, ("one.bin", content), ("two.bin", content));
        using var server = new LoopbackFiles(
            failure == "absent" ? new Dictionary<string, byte[]>() : new() { ["/toy/one.bin"] = failure == "digest" ? [9] : content },
            cut: failure == "cut" ? 2 : null);
        Uri address = failure == "offline" ? LoopbackFiles.Nowhere() : server.Address;

        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(
            () => Load(Named("toy"), [folder.Root], address, known: [set]));
        Fault fault = Assert.Single(error.Faults);
        Assert.Contains(problem, fault.Problem, StringComparison.Ordinal);
        Assert.Contains($"put one.bin, two.bin into '{Path.Combine(Cache, "toy")}'", fault.Remedy, StringComparison.Ordinal);
        Assert.Contains("--data-dir or EDGESPLIT_DATA", fault.Remedy, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Cache));
    }

    [Fact]
    public async Task An_archive_is_unpacked_to_the_expected_files_and_no_others()
    {
        byte[] one = [1, 2, 3], two = [4, 5];
        byte[] archive = TarGz(("toy/one.bin", one), ("../../evil.bin", two), ("toy/readme.html", two), ("toy/two.bin", two));
        using var server = new LoopbackFiles(new Dictionary<string, byte[]> { ["/toy/toy.tar.gz"] = archive });
        await Load(Named("toy"), [], server.Address, known: [Toy(archive, ("one.bin", one), ("two.bin", two))]);

        IEnumerable<string> files = Directory.EnumerateFiles(folder.Root, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Cache, path)).Order();
        Assert.Equal([Path.Combine("toy", "one.bin"), Path.Combine("toy", "two.bin")], files);
    }

    [Fact]
    public async Task An_archive_without_an_expected_file_is_refused()
    {
        byte[] archive = TarGz(("toy/one.bin", [1]));
        using var server = new LoopbackFiles(new Dictionary<string, byte[]> { ["/toy/toy.tar.gz"] = archive });
        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(
            () => Load(Named("toy"), [], server.Address, known: [Toy(archive, ("one.bin", [1]), ("two.bin", [2]))]));
        Assert.Contains("does not hold two.bin", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Cache));
    }

    [Fact]
    public async Task A_cancelled_download_leaves_nothing()
    {
        using var server = new LoopbackFiles(new Dictionary<string, byte[]> { ["/toy/one.bin"] = [1] });
        using var cancellation = new CancellationTokenSource();
        var progress = new Reports { Then = cancellation.Cancel };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Load(
            Named("toy"), [], server.Address, progress: progress, known: [Toy(null, ("one.bin", [1]))], cancellation: cancellation));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Cache));
    }

    [Fact]
    public async Task The_first_folder_that_has_the_set_is_used_in_a_folder_of_its_name_or_directly()
    {
        NamedDataset set = Toy(null, ("one.bin", [1]), ("two.bin", [2]));
        folder.Write("b/toy/one.bin", [1]);
        folder.Write("b/toy/two.bin", [2]);
        folder.Write("c/one.bin", [1]);
        folder.Write("c/two.bin", [2]);
        string? read = null;
        NamedDataset recording = set with { Read = from => { read = from; return set.Read(from); } };

        await Load(Named("toy"), [folder.At("a"), folder.At("b"), folder.At("c")], known: [recording]);
        Assert.Equal(folder.At("b", "toy"), read);
        await Load(Named("toy"), [folder.At("c"), folder.At("b")], known: [recording]);
        Assert.Equal(folder.At("c"), read);
    }

    [Fact]
    public async Task A_damaged_and_a_missing_file_of_a_folder_are_named_not_passed_over()
    {
        NamedDataset set = Toy(null, ("one.bin", [1]), ("two.bin", [2]));
        folder.Write("toy/one.bin", [1]);
        InvalidInputException missing = await Assert.ThrowsAsync<InvalidInputException>(
            () => Load(Named("toy"), [folder.Root], known: [set]));
        Assert.Equal(folder.At("toy", "two.bin"), Assert.Single(missing.Faults).Where);

        folder.Write("toy/one.bin", [7]);
        folder.Write("toy/two.bin", []);
        InvalidInputException damaged = await Assert.ThrowsAsync<InvalidInputException>(
            () => Load(Named("toy"), [folder.Root], known: [set]));
        Assert.Equal([folder.At("toy", "one.bin"), folder.At("toy", "two.bin")], damaged.Faults.Select(fault => fault.Where));
        Assert.All(damaged.Faults, fault => Assert.Contains("damaged, cut off or another set's", fault.Problem, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_unknown_name_is_refused_with_the_known_ones()
    {
        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(() => Load(Named("fashion"), []));
        Assert.Contains("cifar10, cifar100, fashion-mnist, mnist", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Locations_are_the_option_then_the_variable_then_data_folders_above()
    {
        string program = Directory.CreateDirectory(folder.At("repo", "bin", "deep")).FullName;
        Directory.CreateDirectory(folder.At("repo", "data", "mnist"));
        Directory.CreateDirectory(folder.At("repo", "bin", "data"));
        Dictionary<string, string> variables = new()
        {
            ["EDGESPLIT_DATA"] = folder.At("variable"),
            ["XDG_CACHE_HOME"] = folder.At("cache"),
        };
        DatasetLocations locations = DatasetLocations.Find(folder.At("repo"), variables.GetValueOrDefault, [program, program]);
        Assert.Equal([folder.At("repo"), folder.At("variable"), folder.At("repo", "data")], locations.Folders);
        Assert.Equal(folder.At("cache", "edgesplit", "data"), locations.Cache);
        Assert.Throws<InvalidInputException>(() => DatasetLocations.Find(folder.At("absent"), variables.GetValueOrDefault, []));
    }

    [Fact]
    public async Task What_is_known_of_Fashion_MNIST_before_loading_holds_after_it()
    {
        DataSpec spec = new(Named("fashion-mnist"), null, null, new AugmentationSpec());
        DataSplit split = await new DatasetCatalog(DatasetLocations.Find(Repository.PathOf("data"))).LoadAsync(spec, seed: 1);
        Assert.Equal(new DataFacts(split.Train.SampleShape, split.Train.Classes, split.Train.Count), DataFacts.Of(spec));
    }

    private static DataSource.Named Named(string name) => new(name);

    private static NamedDataset Toy(byte[]? archive, params (string Name, byte[] Content)[] files)
    {
        var train = new TableDataset([1], ["x"], [0], ["a"]);
        return new NamedDataset
        {
            Name = "toy",
            Address = new Uri("https://example.invalid/"),
            Archive = archive is null ? null : new DataFile("toy.tar.gz", Digest(archive)),
            Files = [.. files.Select(file => new DataFile(file.Name, Digest(file.Content)))],
            Facts = new DataFacts(new Shape(1), Classes: 1, TrainSamples: 1),
            Normalization = new Normalization([0], [1]),
            Read = _ => (train, train),
        };
    }

    private static string Digest(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static byte[] TarGz(params (string Name, byte[] Content)[] entries)
    {
        using var packed = new MemoryStream();
        using (var writer = new TarWriter(packed, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in entries)
                writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        }

        return SampleFiles.Gzip(packed.ToArray());
    }

    private Task<DataSplit> Load(
        DataSource source,
        IReadOnlyList<string> folders,
        Uri? mirror = null,
        IProgress<DownloadProgress>? progress = null,
        IReadOnlyList<NamedDataset>? known = null,
        CancellationTokenSource? cancellation = null) =>
        new DatasetCatalog(new DatasetLocations(folders, Cache), Http, mirror, known ?? NamedDataset.All)
            .LoadAsync(new DataSpec(source, null, null, new AugmentationSpec()), seed: 1, progress, cancellation?.Token ?? TestContext.Current.CancellationToken);

    private sealed class Reports : IProgress<DownloadProgress>
    {
        public List<DownloadProgress> Seen { get; } = [];

        public Action? Then { get; init; }

        public void Report(DownloadProgress value)
        {
            Seen.Add(value);
            Then?.Invoke();
        }
    }
}
