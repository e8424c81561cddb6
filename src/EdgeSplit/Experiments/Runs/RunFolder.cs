using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using EdgeSplit.Training;

namespace EdgeSplit.Experiments.Runs;

/// <summary>
/// The folder of one run: <c>experiment.yaml</c> with every default filled in, <c>plan.json</c>, <c>events.jsonl</c>,
/// <c>metrics.csv</c>, <c>model.safetensors</c>, the last <c>checkpoints</c>, for a network of the user's own its <c>model.yaml</c>, and
/// in <c>profiles</c> what the fleet's costs were read from. It stands alone but for the data: it can be moved and read again.
/// </summary>
public sealed class RunFolder
{
    private const string DefaultParent = "runs";

    /// <summary>About what a run writes before its first round.</summary>
    private const int ProbeBytes = 16 << 10;

    private const string ExperimentName = "experiment.yaml";

    private RunFolder(string location) => Location = Path.GetFullPath(location);

    /// <summary>The folder's full path.</summary>
    public string Location { get; }

    public string ExperimentPath => Path.Combine(Location, ExperimentName);

    public string PlanPath => Path.Combine(Location, "plan.json");

    public string EventsPath => Path.Combine(Location, "events.jsonl");

    public string MetricsPath => Path.Combine(Location, "metrics.csv");

    /// <summary>The trained weights.</summary>
    public string ModelPath => Path.Combine(Location, "model.safetensors");

    /// <summary>The copy of the user's own network; there is none for a network of the zoo.</summary>
    public string NetworkPath => Path.Combine(Location, "model.yaml");

    /// <summary>What the last rounds came to, to go on from.</summary>
    public CheckpointStore Checkpoints => new(Path.Combine(Location, "checkpoints"));

    /// <summary>Whether all rounds are done and the model is written.</summary>
    public bool IsComplete => File.Exists(ModelPath) && ReadSoundEvents() is [.., RunFinished { Reason: RunEnd.Completed }];

    /// <summary>There while a process trains the run.</summary>
    internal string LockPath => Path.Combine(Location, "run.lock");

    /// <summary>Makes the folder and writes the resolved experiment to it.</summary>
    /// <param name="path">Where; null for <c>runs/NAME-N</c>, with the first N that is free.</param>
    /// <param name="experiment">What is about to run.</param>
    /// <param name="force">Replace an earlier run in that folder; other files there stay.</param>
    /// <exception cref="InvalidInputException">It holds files already, or cannot be written. Nothing is left behind.</exception>
    public static RunFolder Create(string? path, Experiment experiment, bool force = false)
    {
        if (path is not null)
            return CreateAt(path, experiment, force);
        string name = Path.Combine(DefaultParent, RunName.SafeFor(experiment.Name));
        for (int number = 1; ; number++)
        {
            string candidate = string.Create(CultureInfo.InvariantCulture, $"{name}-{number}");
            if (Path.Exists(candidate))
                continue;
            try
            {
                return CreateAt(candidate, experiment, force: false);
            }
            catch (InvalidInputException) when (File.Exists(Path.Combine(candidate, ExperimentName)))
            {
                // Another run took this number in between.
            }
        }
    }

    /// <exception cref="InvalidInputException">There is no run in that folder.</exception>
    public static RunFolder Open(string path)
    {
        RunFolder folder = new(path);
        return File.Exists(folder.ExperimentPath)
            ? folder
            : throw new InvalidInputException(
                path,
                Directory.Exists(path) ? $"this folder holds no run: it has no {ExperimentName}" : "there is no such folder",
                "give the folder that 'edgesplit train' named at its end");
    }

    /// <summary>The experiment as it ran.</summary>
    public Experiment ReadExperiment() => ExperimentFile.Read(ExperimentPath);

    public IReadOnlyList<RunEvent> ReadEvents() => RunEvents.Read(EventsPath);

    /// <summary>As <see cref="ReadEvents"/>, without what a power failure spoilt.</summary>
    internal IReadOnlyList<RunEvent> ReadSoundEvents() => RunEvents.ReadSound(EventsPath);

    /// <summary>SHA-256 of the experiment and of the network that goes with it, as they are written here.</summary>
    internal string ExperimentDigest()
    {
        byte[] network = File.Exists(NetworkPath) ? File.ReadAllBytes(NetworkPath) : [];
        return Convert.ToHexStringLower(SHA256.HashData([.. File.ReadAllBytes(ExperimentPath), .. network]));
    }

    /// <summary>Removes what a killed process did not get to name. No other process may be writing.</summary>
    internal void DeleteUnfinished()
    {
        foreach (string path in (string[])[ModelPath, PlanPath, ExperimentPath, NetworkPath])
            AtomicFile.DeleteUnfinished(path);
    }

    public void WritePlan(IReadOnlyList<RoundPlan> plans) =>
        AtomicFile.WriteText(PlanPath, JsonSerializer.Serialize(new PlanFile(plans), PlanJson.Default.PlanFile) + "\n");

    /// <exception cref="InvalidInputException">The file is missing or is no plan.</exception>
    public IReadOnlyList<RoundPlan> ReadPlan()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(PlanPath), PlanJson.Default.PlanFile)?.Plans
                ?? throw new JsonException("it is null");
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException(PlanPath, "the plan cannot be read: " + exception.Message);
        }
    }

    /// <summary>Finds out by trying whether <see cref="Create"/> could write: a small file, which is removed again.</summary>
    /// <exception cref="InvalidInputException">The folder holds files already, or cannot be written.</exception>
    public static void RequirePlace(string? path, bool force = false)
    {
        if (path is not null)
            RequireFree(path, force);
        string folder = path ?? DefaultParent, probe = Path.Combine(folder, ".edgesplit-probe");
        string? created = WriteAt(folder, () =>
        {
            AtomicFile.Write(probe, stream => stream.Write(new byte[ProbeBytes]));
            File.Delete(probe);
        });
        if (created is not null)
            RemoveEmpty(folder, created);
    }

    private static RunFolder CreateAt(string path, Experiment experiment, bool force)
    {
        RequireFree(path, force);
        WriteAt(path, () => new RunFolder(path).WriteExperiment(experiment, force));
        return new RunFolder(path);
    }

    private static void RequireFree(string path, bool force)
    {
        if (File.Exists(path))
            throw new InvalidInputException(path, "this is a file, not a folder", "give another folder with --out");
        if (!force && Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
        {
            throw new InvalidInputException(
                path, "the folder is not empty", "give another one with --out, or replace the run in it with --force");
        }
    }

    /// <summary>Makes the folder and writes to it; the topmost folder that was made for it, null if all were there.</summary>
    private static string? WriteAt(string path, Action write)
    {
        string? created = null;
        try
        {
            created = TopmostMissing(Path.GetFullPath(path));
            Directory.CreateDirectory(path);
            write();
            return created;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            if (created is not null && Directory.Exists(created))
                RemoveEmpty(path, created);
            throw new InvalidInputException(path, "the run cannot be written here: " + FileTrouble.Describe(exception), "give another folder with --out");
        }
    }

    private void WriteExperiment(Experiment experiment, bool force)
    {
        // What is there goes only once the new is: the network may be this folder's own, and the disk may be full.
        bool hasNetwork = experiment.Model.File is not null;
        if (experiment.Model.File is string network)
        {
            AtomicFile.Write(NetworkPath, stream => stream.Write(File.ReadAllBytes(network)), overwrite: force);
            experiment = experiment with { Model = experiment.Model with { File = NetworkPath } };
        }

        experiment = new RunProfiles(Path.Combine(Location, "profiles")).Take(experiment, overwrite: force);
        AtomicFile.WriteText(ExperimentPath, ExperimentWriter.Write(experiment, Location), overwrite: force);
        if (!force)
            return;
        foreach (string stale in (string[])[PlanPath, EventsPath, MetricsPath, ModelPath, .. hasNetwork ? (string[])[] : [NetworkPath]])
            File.Delete(stale);
        Checkpoints.Clear();
    }

    /// <summary>The first folder on the way to <paramref name="path"/> that does not exist yet; null if all do.</summary>
    private static string? TopmostMissing(string path)
    {
        string? missing = null;
        for (string? folder = path; folder is not null && !Path.Exists(folder); folder = Path.GetDirectoryName(folder))
            missing = folder;
        return missing;
    }

    /// <summary>Removes what was just created on the way to <paramref name="path"/>, as far as nothing else is in it.</summary>
    private static void RemoveEmpty(string path, string topmost)
    {
        for (string? folder = Path.GetFullPath(path); folder is not null && folder.Length >= topmost.Length; folder = Path.GetDirectoryName(folder))
        {
            if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
                Directory.Delete(folder);
        }
    }
}
