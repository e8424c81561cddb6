using System.Security.Cryptography;
using System.Text.Json;
using EdgeSplit.Training;

namespace EdgeSplit.Experiments.Runs;

/// <summary>
/// The folder of one run: <c>experiment.yaml</c> with every default filled in, <c>plan.json</c>, <c>events.jsonl</c>,
/// <c>metrics.csv</c>, <c>model.safetensors</c>, the last <c>checkpoints</c>, for a network of the user's own its <c>model.yaml</c>, and
/// in <c>profiles</c> what the fleet's costs were read from. <c>run.json</c> says what it began with and what was changed since. It stands alone
/// but for the data: it can be moved and read again. Only who holds a <see cref="RunClaim"/> changes it.
/// </summary>
public sealed class RunFolder
{
    internal const string ExperimentName = "experiment.yaml";

    internal const string LockName = "run.lock";

    internal RunFolder(string location) => Location = Path.GetFullPath(location);

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

    /// <summary>Whether all rounds are done, those added since it began too, and the model is written.</summary>
    public bool IsComplete =>
        File.Exists(ModelPath) && ReadSoundEvents() is [.., RunFinished { Reason: RunEnd.Completed } end] && end.Rounds >= ReadExperiment().Training.Rounds;

    /// <summary>Held by the process that changes the run; the file stays.</summary>
    internal string LockPath => Path.Combine(Location, LockName);

    /// <summary>What the run began with, and what was changed since.</summary>
    internal string OriginPath => Path.Combine(Location, "run.json");

    /// <summary>Where profiles are copied to.</summary>
    internal string ProfilesPath => Path.Combine(Location, "profiles");

    /// <summary>Begins a run that nobody trains yet.</summary>
    /// <inheritdoc cref="RunClaim.OfNew"/>
    internal static RunFolder Create(string? path, Experiment experiment, bool force = false)
    {
        using RunClaim claim = RunClaim.OfNew(path, experiment.Name, force);
        claim.Begin(experiment);
        return claim.Folder;
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

    /// <summary>The experiment as it runs: as it began, with what was changed since.</summary>
    public Experiment ReadExperiment() => RunOrigin.Read(OriginPath)?.ApplyTo(ExperimentPath) ?? ExperimentFile.Read(ExperimentPath);

    public IReadOnlyList<RunEvent> ReadEvents() => RunEvents.Read(EventsPath);

    /// <summary>As <see cref="ReadEvents"/>, without what a power failure spoilt.</summary>
    public IReadOnlyList<RunEvent> ReadSoundEvents() => RunEvents.ReadSound(EventsPath);

    /// <summary>SHA-256 of the experiment and of the network that goes with it, as they are written here.</summary>
    internal string ExperimentDigest()
    {
        byte[] network = File.Exists(NetworkPath) ? File.ReadAllBytes(NetworkPath) : [];
        return Convert.ToHexStringLower(SHA256.HashData([.. File.ReadAllBytes(ExperimentPath), .. network]));
    }

    /// <summary>Removes what a killed process did not get to name. No other process may be writing.</summary>
    internal void DeleteUnfinished()
    {
        foreach (string path in (string[])[ModelPath, PlanPath, ExperimentPath, NetworkPath, OriginPath])
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
}
