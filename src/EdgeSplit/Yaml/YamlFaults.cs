using YamlDotNet.RepresentationModel;

namespace EdgeSplit.Yaml;

/// <summary>Everything found wrong in one YAML source so far, so that a user sees all of it at once.</summary>
/// <param name="source">The file as the user named it.</param>
/// <param name="hasLines">Whether line numbers mean something to the user: not in a value from the command line.</param>
public sealed class YamlFaults(string source, bool hasLines = true)
{
    private readonly List<(long Line, Fault Fault)> found = [];

    public string Source => source;

    public bool Any => Count > 0;

    public int Count => found.Count;

    /// <summary>Every fault so far, in the order of the lines.</summary>
    public IReadOnlyList<Fault> All => [.. found.OrderBy(entry => entry.Line).Select(entry => entry.Fault)];

    /// <summary>Adds a fault at <c>file:line: key.path</c>.</summary>
    public void Add(YamlNode node, string path, string problem, string? remedy = null) =>
        Add(node.Start.Line, path, problem, remedy);

    /// <summary>Adds a fault found elsewhere, kept in <paramref name="node"/>'s place.</summary>
    public void Add(YamlNode node, Fault fault) => found.Add((node.Start.Line, fault));

    /// <exception cref="InvalidInputException">Something is wrong: every fault, in the order of the lines.</exception>
    public void ThrowIfAny()
    {
        if (Any)
            throw new InvalidInputException(All);
    }

    /// <summary>Where a node stands, as faults say it: <c>file:line: key.path</c>.</summary>
    public string PlaceOf(YamlNode node, string path) => PlaceOf(node.Start.Line, path);

    internal void Add(long line, string path, string problem, string? remedy)
    {
        found.Add((line, new Fault(PlaceOf(line, path), problem, remedy)));
    }

    private string PlaceOf(long line, string path)
    {
        string place = hasLines && line > 0 ? $"{source}:{line}" : source;
        return path.Length > 0 ? $"{place}: {path}" : place;
    }
}
