using EdgeSplit.Data.Files;
using EdgeSplit.Numerics;

namespace EdgeSplit.Data;

/// <summary>
/// Loads the samples of an experiment. Named sets are looked for on this machine, and downloaded where they are not found; their files
/// are checked by SHA-256 on every load.
/// </summary>
public sealed class DatasetCatalog
{
    private readonly DatasetLocations locations;
    private readonly HttpClient? http;
    private readonly Uri? mirror;
    private readonly IReadOnlyList<NamedDataset> known;

    /// <param name="locations">Where named sets are looked for.</param>
    /// <param name="http">What downloads; null for a client of its own.</param>
    /// <param name="mirror">Where each set's files lie in a folder named as the set; null for their publishers' addresses.</param>
    public DatasetCatalog(DatasetLocations locations, HttpClient? http = null, Uri? mirror = null)
        : this(locations, http, mirror, NamedDataset.All)
    {
    }

    internal DatasetCatalog(DatasetLocations locations, HttpClient? http, Uri? mirror, IReadOnlyList<NamedDataset> known)
    {
        this.locations = locations;
        this.http = http;
        this.mirror = mirror;
        this.known = known;
    }

    /// <summary>The names of all named sets, in order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. NamedDataset.All.Select(set => set.Name)];

    /// <summary>The samples <paramref name="spec"/> asks for; fewer than all are drawn by <paramref name="seed"/>.</summary>
    /// <param name="spec">Which samples. Paths are used as they are given.</param>
    /// <param name="seed">The experiment's seed: of a synthetic set, and of which samples are drawn.</param>
    /// <param name="progress">Told how a download goes, if there is one.</param>
    /// <param name="cancellation">Ends a download; what came so far is removed.</param>
    /// <exception cref="InvalidInputException">Files are missing, damaged or not what they should be, or the numbers do not fit: all
    /// that is wrong at once.</exception>
    public async Task<DataSplit> LoadAsync(
        DataSpec spec, ulong seed, IProgress<DownloadProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (spec.Gaps().ToArray() is { Length: > 0 } gaps)
            throw new InvalidInputException([.. gaps.Select(gap => new Fault($"data.{gap.Key}", gap.Problem, gap.Remedy))]);
        DataSplit split = spec.Source switch
        {
            DataSource.Named named => Chosen(await LoadNamedAsync(named.Name, progress, cancellation).ConfigureAwait(false), spec.Contract),
            DataSource.Idx idx => IdxDatasets.Read(idx, spec.Contract),
            DataSource.Csv csv => CsvDatasets.Read(csv, spec.Contract),
            DataSource.Synthetic synthetic => Chosen(SyntheticDataset.Make(synthetic, seed), spec.Contract),
            _ => throw new ArgumentOutOfRangeException(nameof(spec), spec.Source, null),
        };

        List<Fault> faults = [];
        CheckCount("data.trainSamples", spec.TrainSamples, split.Train, "training", faults);
        CheckCount("data.testSamples", spec.TestSamples, split.Test, "test", faults);
        return faults.Count > 0 ? throw new InvalidInputException(faults) : split with
        {
            Train = Draw(split.Train, spec.TrainSamples, new SeededRandom(seed, DataStreams.TrainSubset)),
            Test = Draw(split.Test, spec.TestSamples, new SeededRandom(seed, DataStreams.TestSubset)),
        };
    }

    /// <summary>The folder that holds the set's files, unread; null where they would be downloaded, or no set has the name.</summary>
    /// <exception cref="InvalidInputException">Only some of the files are there.</exception>
    public string? Find(string name) => known.FirstOrDefault(set => set.Name == name) is { } set ? FindFolder(set) : null;

    /// <summary>A set whose own normalisation is the standard one, with the one that was chosen.</summary>
    private static DataSplit Chosen(DataSplit split, ContractSpec spec)
    {
        List<Fault> faults = [];
        Normalization? chosen = spec.Choose(() => split.Normalization!, split.Contract.SampleShape, faults);
        return faults.Count == 0 ? split with { Contract = split.Contract with { Normalization = chosen } } : throw new InvalidInputException(faults);
    }

    private static void CheckCount(string where, int? count, Dataset set, string kind, List<Fault> faults)
    {
        if (count < 1)
            faults.Add(new Fault(where, $"{count} {kind} samples", "give 1 or more, or leave it out for all"));
        else if (count > set.Count)
            faults.Add(new Fault(where, $"{count} {kind} samples of a set that has {set.Count}", "give fewer, or leave it out for all"));
    }

    private static Dataset Draw(Dataset set, int? count, SeededRandom random) =>
        count is null || count == set.Count ? set : DatasetSubset.Draw(set, count.Value, random);

    private async Task<DataSplit> LoadNamedAsync(string name, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        NamedDataset set = known.FirstOrDefault(candidate => candidate.Name == name) ?? throw new InvalidInputException(
            "data.source",
            $"there is no data set called '{name}'",
            $"name one of: {string.Join(", ", known.Select(candidate => candidate.Name))}");
        string folder = FindFolder(set) ?? await DownloadAsync(set, progress, cancellation).ConfigureAwait(false);
        CheckDigests(set, folder);
        (Dataset train, Dataset test) = set.Read(folder);
        return new DataSplit(set.Name, train, test, new DataContract
        {
            SampleShape = train.SampleShape,
            ClassNames = train.ClassNames,
            Divisor = train.Divisor,
            Normalization = set.Normalization,
        });
    }

    /// <summary>
    /// The first folder with any of the set's files, which must then hold all; in the cache, what is incomplete counts as absent.
    /// </summary>
    private string? FindFolder(NamedDataset set)
    {
        foreach (string folder in locations.Folders.SelectMany(folder => new[] { Path.Combine(folder, set.Name), folder }))
        {
            List<DataFile> missing = Missing(set, folder);
            if (missing.Count == set.Files.Count)
                continue;
            if (missing.Count == 0)
                return folder;
            throw new InvalidInputException([.. missing.Select(file => new Fault(
                Path.Combine(folder, file.Name),
                "there is no such file, though others of the set are there",
                "put it there, or take the others away"))]);
        }

        string cached = Path.Combine(locations.Cache, set.Name);
        return Missing(set, cached).Count == 0 ? cached : null;
    }

    private static List<DataFile> Missing(NamedDataset set, string folder) =>
        [.. set.Files.Where(file => !File.Exists(Path.Combine(folder, file.Name)))];

    private async Task<string> DownloadAsync(NamedDataset set, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        string folder = Path.Combine(locations.Cache, set.Name);
        Uri address = mirror is null ? set.Address : new Uri(mirror, $"{set.Name}/");
        using HttpClient? own = http is null ? new HttpClient() : null;
        try
        {
            await new DatasetDownload(http ?? own!, address, progress).FetchAsync(set, folder, cancellation).ConfigureAwait(false);
            return folder;
        }
        catch (DownloadException error)
        {
            string searched = string.Join(", ", locations.Folders.Append(locations.Cache).Select(place => $"'{place}'"));
            throw new InvalidInputException(
                $"data set {set.Name}",
                $"it is not in {searched}, and could not be downloaded ({error.Message})",
                $"put {string.Join(", ", set.Files.Select(file => file.Name))} into '{folder}', or name the folder that holds them "
                    + $"with --data-dir or {DatasetLocations.Variable}");
        }
    }

    private static void CheckDigests(NamedDataset set, string folder)
    {
        List<Fault> faults = [];
        foreach (DataFile file in set.Files)
        {
            string path = Path.Combine(folder, file.Name);
            if (InputFile.Sha256(path, faults) is { } digest && !file.Sha256.Contains(digest))
            {
                faults.Add(new Fault(
                    path,
                    $"it is damaged, cut off or another set's: its SHA-256 is {digest}, not {string.Join(" or ", file.Sha256)}",
                    "get the file again, or move it away to have the set looked for elsewhere or downloaded"));
            }
        }

        if (faults.Count > 0)
            throw new InvalidInputException(faults);
    }
}
