using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeSplit.Experiments.Reading;
using EdgeSplit.Training;

namespace EdgeSplit.Experiments.Runs;

/// <summary>
/// What a run began with and what was changed since, in <c>run.json</c>, apart from checkpoints, which may be damaged. <c>experiment.yaml</c> stays as
/// it began.
/// </summary>
/// <param name="Version">Of the file.</param>
/// <param name="Digest">SHA-256 of the experiment and its network as they were written: what the run's checkpoints belong to.</param>
/// <param name="Experiment">The text of <c>experiment.yaml</c>.</param>
/// <param name="Changes">In their order.</param>
internal sealed record RunOrigin(int Version, string Digest, string Experiment, IReadOnlyList<RunChange> Changes)
{
    private const int CurrentVersion = 1;
    private const int Named = 8;

    /// <summary>Of a run that begins.</summary>
    public static RunOrigin Of(RunFolder folder) => new(CurrentVersion, folder.ExperimentDigest(), File.ReadAllText(folder.ExperimentPath), []);

    /// <summary>Null where there is none: an earlier version wrote none.</summary>
    /// <exception cref="InvalidInputException">It cannot be read.</exception>
    public static RunOrigin? Read(string path)
    {
        try
        {
            RunOrigin origin = JsonSerializer.Deserialize(File.ReadAllText(path), RunOriginJson.Default.RunOrigin) ?? throw new JsonException("it is null");
            return origin.Version == CurrentVersion ? origin : throw new InvalidInputException(
                path, $"it is of version {origin.Version}, and this program reads version {CurrentVersion}", "go on with the run by the program that began it");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException(path, "what the run began with cannot be read: " + exception.Message, "put back what it was, or train anew");
        }
    }

    /// <exception cref="InvalidInputException">The experiment or the network in the folder is not what the run began with: each key that differs.</exception>
    public static void RequireUnchanged(RunFolder folder)
    {
        if (Read(folder.OriginPath) is not { } origin || origin.Digest == folder.ExperimentDigest())
            return;
        string now = File.ReadAllText(folder.ExperimentPath);
        const string Remedy = "put back what it was, or train anew from it";
        if (now == origin.Experiment)
            throw new InvalidInputException(folder.NetworkPath, "the model is not the one that the run began with", Remedy);
        (string Key, string? Was, string? Is)[] changed = [.. KeyDifferences.Between(origin.Experiment, now, folder.ExperimentPath)];
        if (changed.Length == 0)
            throw new InvalidInputException(folder.ExperimentPath, "it was changed since the run began, though none of its keys", Remedy);
        List<Fault> faults = [.. changed.Take(Named).Select(one => new Fault($"{folder.ExperimentPath}: {one.Key}", Problem(one.Was, one.Is), Remedy))];
        if (changed.Length > Named)
            faults.Add(new Fault(folder.ExperimentPath, $"{changed.Length - Named} more of its keys were changed since the run began", Remedy));
        throw new InvalidInputException(faults);
    }

    /// <summary>The experiment as it runs, with what was changed since it began.</summary>
    public Experiment ApplyTo(string experimentPath)
    {
        Experiment experiment = ExperimentFile.Read(experimentPath);
        List<string> set = [];
        foreach (RunChange change in Changes)
        {
            set.AddRange(change.Set);
            experiment = change.Apply(experiment, ExperimentFile.Read(experimentPath, set));
        }

        return experiment;
    }

    /// <summary>The same with one change more.</summary>
    public RunOrigin With(RunChange change) => this with { Changes = [.. Changes, change] };

    /// <summary>An event for each change.</summary>
    public IEnumerable<SettingsChanged> ToEvents(string experimentPath)
    {
        RunOrigin so = this with { Changes = [] };
        foreach (RunChange change in Changes)
        {
            RunOrigin then = so.With(change);
            if (change.ToEvent(so.ApplyTo(experimentPath).Training, then.ApplyTo(experimentPath).Training) is { } changed)
                yield return changed;
            so = then;
        }
    }

    /// <exception cref="IOException">It cannot be written; what was there is intact.</exception>
    public void Write(string path) => AtomicFile.WriteText(path, JsonSerializer.Serialize(this, RunOriginJson.Default.RunOrigin) + "\n");

    private static string Problem(string? was, string? now) => (was, now) switch
    {
        (null, _) => $"it is {now}, and the run began without it",
        (_, null) => $"it is gone, and the run began with {was}",
        _ => $"it is {now}, and the run began with {was}",
    };
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(RunOrigin))]
internal sealed partial class RunOriginJson : JsonSerializerContext;
