using EdgeSplit.Experiments.Keys;
using EdgeSplit.Experiments.Reading;
using EdgeSplit.Yaml;

namespace EdgeSplit.Experiments;

/// <summary>Reads experiment files: YAML, each key of which <c>edgesplit init</c> explains.</summary>
public static class ExperimentFile
{
    /// <summary>The experiment of a file, with defaults filled in and paths resolved against the file's folder.</summary>
    /// <param name="path">The file.</param>
    /// <param name="overrides">
    /// Each <c>key.path=value</c>, as in <c>training.rounds=3</c> or <c>fleet.devices[0].cut=2</c>; the value is YAML. A
    /// choice made here (<c>training.method=fedavg</c>) drops the file's keys that go only with another.
    /// </param>
    /// <exception cref="InvalidInputException">Everything that is wrong with the file and the overrides.</exception>
    public static Experiment Read(string path, IReadOnlyList<string>? overrides = null)
    {
        if (Directory.Exists(path))
            throw new InvalidInputException(path, "this is a folder", "give an experiment file");
        if (!File.Exists(path))
            throw new InvalidInputException(path, "there is no such file", $"'edgesplit init {path}' writes one to start from");
        return Bind(YamlFile.Read(path), Path.GetDirectoryName(Path.GetFullPath(path))!, overrides);
    }

    /// <summary>The experiment of a text; <paramref name="source"/> names it in faults.</summary>
    /// <inheritdoc cref="Read"/>
    public static Experiment Parse(
        string text, string baseDirectory, IReadOnlyList<string>? overrides = null, string source = "experiment") =>
        Bind(YamlFile.Parse(text, source), Path.GetFullPath(baseDirectory), overrides);

    private static Experiment Bind(YamlMap root, string baseDirectory, IReadOnlyList<string>? overrides)
    {
        Overrides fromCommandLine = Overrides.Apply(root, overrides ?? []);
        SectionValues values = new SectionReader(fromCommandLine).Read(ExperimentKeys.Root, new YamlValue(root.Node, "", root.Faults));
        Experiment experiment = new ExperimentBinder(values, fromCommandLine, baseDirectory).Bind();
        Fault[] faults = [.. root.Faults.All, .. fromCommandLine.Faults, .. ExperimentChecks.CheckWithoutData(experiment)];
        return faults.Length == 0 ? experiment : throw new InvalidInputException(faults);
    }
}
