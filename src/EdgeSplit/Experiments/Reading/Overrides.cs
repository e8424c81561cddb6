using System.Globalization;
using EdgeSplit.Experiments.Keys;
using EdgeSplit.Yaml;
using YamlDotNet.RepresentationModel;

namespace EdgeSplit.Experiments.Reading;

/// <summary>
/// <c>--set key.path=value</c>: puts values among a file's nodes before they are read, and remembers which those are, so that
/// their faults name the option and not a line of the file.
/// </summary>
internal sealed class Overrides
{
    private readonly Dictionary<YamlNode, YamlFaults> owners = new(ReferenceEqualityComparer.Instance);
    private readonly List<YamlFaults> sources = [];

    public IEnumerable<Fault> Faults => sources.SelectMany(source => source.All);

    public static Overrides Apply(YamlMap root, IReadOnlyList<string> texts)
    {
        Overrides overrides = new();
        foreach (string text in texts)
        {
            YamlFaults faults = new($"--set {text}", hasLines: false);
            overrides.sources.Add(faults);
            overrides.Set(root.Node, text, faults);
        }

        return overrides;
    }

    /// <summary>Whose faults the node's are, if it came from the command line; null if from the file.</summary>
    public YamlFaults? FaultsOf(YamlNode node) => owners.GetValueOrDefault(node);

    /// <summary>Whether the value came from the command line, alone or as a part.</summary>
    public bool Covers(YamlValue value) => sources.Contains(value.Faults);

    private void Set(YamlMappingNode root, string text, YamlFaults faults)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1)
        {
            faults.Add(root, "", "it names no value", "write key.path=value, as in training.rounds=3");
            return;
        }

        if (Parse(text[(equals + 1)..], faults) is not YamlNode value)
            return;
        owners[value] = faults;
        Put(root, text[..equals].Trim(), value, faults);
    }

    private static YamlNode? Parse(string text, YamlFaults faults)
    {
        try
        {
            return YamlFile.Parse("value: " + text, faults.Source).Required("value")?.Node;
        }
        catch (InvalidInputException invalid)
        {
            faults.Add(new YamlScalarNode(), "", invalid.Faults[0].Problem, invalid.Faults[0].Remedy);
            return null;
        }
    }

    private static void Put(YamlMappingNode root, string path, YamlNode value, YamlFaults faults)
    {
        YamlMappingNode map = root;
        ValueKind.Section section = ExperimentKeys.Root;
        string[] steps = path.Split('.');
        for (int index = 0; index < steps.Length; index++)
        {
            bool isLast = index == steps.Length - 1;
            (string name, int? item, bool isWellFormed) = ParseStep(steps[index]);
            Key? key = section.Keys.FirstOrDefault(key => key.Name == name);
            if (!isWellFormed || key is null)
            {
                faults.Add(root, "", "there is no such key", KeyPaths.Remedy(path, steps[^1], section));
                return;
            }

            YamlNode? child = Child(map, name);
            if (key.Kind is ValueKind.List list && item is int number)
            {
                if (child is not YamlSequenceNode items || number >= items.Children.Count)
                {
                    int count = (child as YamlSequenceNode)?.Children.Count ?? 0;
                    faults.Add(root, "", $"{name} has no item {number}", count > 0 ? $"it has 0 to {count - 1}" : "it has none");
                    return;
                }

                if (isLast)
                {
                    items.Children[number] = value;
                    return;
                }

                section = list.Item;
                if (items.Children[number] is not YamlMappingNode inner)
                    return; // The file's own fault: an item that is no map.
                map = inner;
            }
            else if (isLast && item is null)
            {
                map.Children[new YamlScalarNode(name)] = value;
            }
            else if (key.Kind is ValueKind.Section nested && item is null)
            {
                map = Descend(map, name, nested, child);
                section = nested;
            }
            else
            {
                string remedy = key.Kind is ValueKind.List ? $"name one by its index, as in {name}[0]" : $"{name} is one value";
                faults.Add(root, "", "there is no such key", remedy);
                return;
            }
        }
    }

    /// <summary>The map under a key: the one there, one made of its shorthand, or a new one.</summary>
    private static YamlMappingNode Descend(YamlMappingNode map, string name, ValueKind.Section section, YamlNode? child)
    {
        if (child is YamlMappingNode there)
            return there;
        YamlMappingNode made = [];
        if (child is YamlScalarNode { Value: not (null or "" or "null" or "~") } && section.Shorthand is string shorthand)
            made.Children[new YamlScalarNode(shorthand)] = child;
        map.Children[new YamlScalarNode(name)] = made;
        return made;
    }

    private static YamlNode? Child(YamlMappingNode map, string name) =>
        map.Children.FirstOrDefault(entry => entry.Key is YamlScalarNode key && key.Value == name).Value;

    /// <summary>Reads <c>name</c> or <c>name[3]</c>.</summary>
    private static (string Name, int? Item, bool IsWellFormed) ParseStep(string step)
    {
        int bracket = step.IndexOf('[', StringComparison.Ordinal);
        if (bracket < 0)
            return (step, null, true);
        bool isNumber = int.TryParse(step.AsSpan()[(bracket + 1)..].TrimEnd(']'), NumberStyles.None, CultureInfo.InvariantCulture, out int item);
        return (step[..bracket], item, isNumber && step.EndsWith(']'));
    }
}
