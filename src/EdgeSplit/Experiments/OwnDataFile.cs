using EdgeSplit.Data;
using EdgeSplit.Experiments.Keys;
using EdgeSplit.Experiments.Reading;
using EdgeSplit.Yaml;
using YamlDotNet.RepresentationModel;

namespace EdgeSplit.Experiments;

/// <summary>Which samples are a device's own.</summary>
/// <param name="Data">What they are drawn from.</param>
/// <param name="Seed">Of that draw, and of a partition.</param>
/// <param name="Experiment">The experiment of whose partition the device takes its part; null where all samples are its own.</param>
public sealed record OwnDataSpec(DataSpec Data, ulong Seed, Experiment? Experiment)
{
    /// <summary>The device's place in the experiment's fleet; 0 without one.</summary>
    public int Device { get; init; }

    /// <summary>Reads the samples, downloading a named set that is not on this machine.</summary>
    /// <param name="catalog">Where named sets are found.</param>
    /// <param name="progress">Told of a download.</param>
    /// <param name="cancellation">Ends a download.</param>
    /// <exception cref="InvalidInputException">The samples cannot be read, or not be dealt to the experiment's fleet.</exception>
    public async Task<OwnData> LoadAsync(DatasetCatalog catalog, IProgress<DownloadProgress>? progress = null, CancellationToken cancellation = default)
    {
        // What a device is not asked for it need not have: it judges nothing, and what its values go through is the server's word.
        DataSpec own = Data.TrainOnly();
        own = own with { Contract = own.Contract with { Normalize = NormalizeKind.None, Given = null, IsBoundLater = true } };
        Dataset train = (await catalog.LoadAsync(own, Seed, progress, cancellation).ConfigureAwait(false)).Train;
        if (train.Count == 0)
            throw new InvalidInputException("--data", "it names no training samples", "a device trains on samples of its own: add data.train, or trainImages and trainLabels");
        if (Experiment is null)
            return new OwnData(train, [.. Enumerable.Range(0, train.Count)]);
        ExperimentChecks.RequireData(Experiment, train.Count, train.Classes);
        return new OwnData(train, Partitioner.Deal(Experiment.Partition, train.Labels, train.Classes, Experiment.Devices.Count, Seed)[Device]);
    }
}

/// <summary>A device's own samples, on its own machine.</summary>
/// <param name="Train">Where they are, perhaps among others'.</param>
/// <param name="Samples">Their numbers in it.</param>
public sealed record OwnData(Dataset Train, int[] Samples)
{
    /// <summary>By which they are known again.</summary>
    public byte[] Digest() => DataDigest.Of(Train, Samples);
}

/// <summary>
/// The file that tells a device its data: the key <c>data</c> of an experiment file, and perhaps <c>seed</c>. A whole experiment
/// file, with a fleet that the device is in, gives it its part of that experiment's partition.
/// </summary>
public static class OwnDataFile
{
    private static readonly ValueKind.Section Root = new(ExperimentKeys.Root["seed"], ExperimentKeys.Root["data"]);

    /// <param name="path">The file.</param>
    /// <param name="device">The device's name.</param>
    /// <param name="overrides">Each <c>key.path=value</c>, as for an experiment file.</param>
    /// <exception cref="InvalidInputException">Everything that is wrong with it.</exception>
    public static OwnDataSpec Read(string path, string device, IReadOnlyList<string>? overrides = null)
    {
        YamlMap root = YamlFile.Read(path);
        return root.Node.Children.ContainsKey(new YamlScalarNode("fleet"))
            ? PartOf(ExperimentFile.Read(path, overrides), device, path)
            : Alone(root, Path.GetDirectoryName(Path.GetFullPath(path))!, overrides ?? []);
    }

    private static OwnDataSpec PartOf(Experiment experiment, string device, string path)
    {
        string[] names = [.. experiment.Devices.Select(one => one.Name)];
        int index = Array.IndexOf(names, device);
        return index < 0
            ? throw new InvalidInputException("--name", $"the fleet of {path} has no device '{device}'", NearestName.Remedy(device, names))
            : new OwnDataSpec(experiment.Data, experiment.Training.Seed, experiment) { Device = index };
    }

    private static OwnDataSpec Alone(YamlMap root, string baseDirectory, IReadOnlyList<string> overrides)
    {
        Overrides fromCommandLine = Overrides.Apply(root, overrides);
        SectionValues values = new SectionReader(fromCommandLine).Read(Root, new YamlValue(root.Node, "", root.Faults));
        DataSpec data = new DataBinder(values.Section("data"), baseDirectory).Bind();
        Fault[] faults = [.. root.Faults.All, .. fromCommandLine.Faults];
        return faults.Length == 0 ? new OwnDataSpec(data, (ulong)values.Long("seed")!.Value, Experiment: null) : throw new InvalidInputException(faults);
    }
}
