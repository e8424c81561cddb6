using YamlDotNet.RepresentationModel;

namespace EdgeSplit.Yaml;

/// <summary>Everything found wrong in one YAML source so far, so that a user sees all of it at once.</summary>
/// <param name="source">The file as the user named it.</param>
public sealed class YamlFaults(string source)
{
    private readonly List<(long Line, Fault Fault)> found = [];

    public string Source => source;

    public bool Any => found.Count > 0;

    /// <summary>Adds a fault at <c>file:line: key.path</c>.</summary>
    public void Add(YamlNode node, string path, string problem, string? remedy = null) =>
        Add(node.Start.Line, path, problem, remedy);

    /// <summary>Adds a fault found elsewhere, kept in <paramref name="node"/>'s place.</summary>
    public void Add(YamlNode node, Fault fault) => found.Add((node.Start.Line, fault));

    /// <exception cref="InvalidInputException">Something is wrong: every fault, in the order of the lines.</exception>
    public void ThrowIfAny()
    {
        if (Any)
            throw new InvalidInputException([.. found.OrderBy(entry => entry.Line).Select(entry => entry.Fault)]);
    }

    internal void Add(long line, string path, string problem, string? remedy)
    {
        string place = line > 0 ? $"{source}:{line}" : source;
        found.Add((line, new Fault(path.Length > 0 ? $"{place}: {path}" : place, problem, remedy)));
    }
}
