using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeSplit.Experiments.Runs;

namespace EdgeSplit.Experiments.Comparisons;

/// <summary>
/// The folder of a comparison: <c>compared.yaml</c>, the experiment that all methods share; a run folder a training in <c>runs</c>;
/// and at the end <c>comparison.json</c> and <c>comparison.csv</c>. Trainings that are done stay done, and others go on from their last
/// round: a comparison of the same experiment goes on where the last one ended.
/// </summary>
public sealed class ComparisonFolder
{
    private const string ResultName = "comparison.json";
    private const string ExperimentName = "compared.yaml";

    private ComparisonFolder(string location) => Location = Path.GetFullPath(location);

    public string Location { get; }

    public string ResultPath => Path.Combine(Location, ResultName);

    public string TablePath => Path.Combine(Location, "comparison.csv");

    private string ExperimentPath => Path.Combine(Location, ExperimentName);

    /// <summary>Whether there is a comparison in a folder, finished or not.</summary>
    public static bool IsAt(string path) => File.Exists(Path.Combine(path, ExperimentName));

    /// <summary>Begins a comparison, or goes on with it.</summary>
    /// <param name="path">Where; null for <c>runs/NAME-compared-N</c>, with the first N that is free.</param>
    /// <param name="experiment">What all methods share.</param>
    /// <exception cref="InvalidInputException">The folder holds something else, or cannot be written.</exception>
    public static ComparisonFolder CreateOrContinue(string? path, Experiment experiment)
    {
        if (path is null)
        {
            string name = Path.Combine("runs", RunName.SafeFor(experiment.Name) + "-compared");
            int number = 1;
            while (Path.Exists(FormattableString.Invariant($"{name}-{number}")))
                number++;
            path = FormattableString.Invariant($"{name}-{number}");
        }

        ComparisonFolder folder = new(path);
        string text = ExperimentWriter.Write(experiment);
        try
        {
            foreach (string file in (string[])[folder.ExperimentPath, folder.ResultPath, folder.TablePath])
                AtomicFile.DeleteUnfinished(file);
            if (File.Exists(folder.ExperimentPath))
            {
                return File.ReadAllText(folder.ExperimentPath) == text ? folder : throw new InvalidInputException(
                    path, "a comparison of another experiment is in this folder", "give another folder with --out, or the experiment as it was");
            }

            if (File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any()))
                throw new InvalidInputException(path, "it is there and is no comparison", "give another folder with --out");
            Directory.CreateDirectory(path);
            AtomicFile.WriteText(folder.ExperimentPath, text);
            return folder;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new InvalidInputException(path, "the comparison cannot be written here: " + FileTrouble.Describe(exception), "give another folder with --out");
        }
    }

    /// <summary>Reads what a comparison came to.</summary>
    /// <exception cref="InvalidInputException">There is none in the folder, it is not finished, or it cannot be read.</exception>
    public static Comparison Read(string path)
    {
        string file = Path.Combine(path, ResultName);
        if (!File.Exists(file))
            throw new InvalidInputException(path, "there is no finished comparison in this folder", "'edgesplit compare' with this folder as --out finishes it");
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(file), ComparisonJson.Default.Comparison) ?? throw new JsonException("it is null");
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException(file, "the comparison cannot be read: " + exception.Message, "give the folder that 'edgesplit compare' named at its end");
        }
    }

    /// <summary>The comparison as JSON, as <see cref="Write"/> writes it.</summary>
    public static string ToJson(Comparison comparison) => JsonSerializer.Serialize(comparison, ComparisonJson.Default.Comparison) + "\n";

    /// <summary>Writes what the comparison came to.</summary>
    public void Write(Comparison comparison)
    {
        AtomicFile.WriteText(ResultPath, ToJson(comparison));
        AtomicFile.WriteText(TablePath, ComparisonCsv.Write(comparison));
    }

    /// <summary>Where a training's run lies.</summary>
    internal string PathOf(ComparisonTraining training) => Path.Combine(Location, "runs", training.Name);

    /// <summary>The run of a training, done or begun; null where there is none, or one with another common cut.</summary>
    internal RunFolder? RunOf(ComparisonTraining training)
    {
        try
        {
            RunFolder run = RunFolder.Open(PathOf(training));
            IEnumerable<int?> cuts = run.ReadExperiment().Devices.Select(device => device.Cut);
            return cuts.SequenceEqual(training.Experiment.Devices.Select(device => device.Cut)) ? run : null;
        }
        catch (InvalidInputException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(Comparison))]
internal sealed partial class ComparisonJson : JsonSerializerContext;
