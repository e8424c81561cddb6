using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace EdgeSplit.Yaml;

/// <summary>
/// The keys of one YAML map, read by name and type. What does not fit is recorded in <see cref="Faults"/> and reads as
/// null or the type's default, so that reading goes on to find the next fault.
/// </summary>
/// <param name="Node">The map's node.</param>
/// <param name="Path">Its key path; empty at the top.</param>
/// <param name="Faults">Shared by all of one source.</param>
public sealed record YamlMap(YamlMappingNode Node, string Path, YamlFaults Faults)
{
    private readonly HashSet<string> asked = new(StringComparer.Ordinal);

    /// <summary>The keys present, in order.</summary>
    public IEnumerable<string> Keys => Node.Children.Keys.Select(KeyText);

    /// <summary>Whether the key is there, with any value.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>The value of a key that must be there; null and a fault where it is not.</summary>
    public YamlValue? Required(string key)
    {
        if (Find(key) is YamlNode node)
            return Value(key, node);
        Faults.Add(Node, PathOf(key), "this key is missing", null);
        return null;
    }

    /// <summary>The value of a key that may be left out or be <c>null</c>.</summary>
    public YamlValue? Optional(string key) =>
        Find(key) is not (null or YamlScalarNode { Style: ScalarStyle.Plain, Value: "null" or "~" }) ? Value(key, Find(key)!) : null;

    public string RequiredString(string key) => Required(key)?.String() ?? "";

    public string? OptionalString(string key) => Optional(key)?.String();

    public int RequiredInt(string key, int minimum = int.MinValue, int maximum = int.MaxValue) =>
        Required(key)?.Int(minimum, maximum) ?? 0;

    public int? OptionalInt(string key, int minimum = int.MinValue, int maximum = int.MaxValue) => Optional(key)?.Int(minimum, maximum);

    public long RequiredLong(string key, long minimum = long.MinValue, long maximum = long.MaxValue) =>
        Required(key)?.Long(minimum, maximum) ?? 0;

    public long? OptionalLong(string key, long minimum = long.MinValue, long maximum = long.MaxValue) =>
        Optional(key)?.Long(minimum, maximum);

    public double RequiredDouble(string key, double minimum = double.MinValue, double maximum = double.MaxValue) =>
        Required(key)?.Double(minimum, maximum) ?? 0;

    public double? OptionalDouble(string key, double minimum = double.MinValue, double maximum = double.MaxValue) =>
        Optional(key)?.Double(minimum, maximum);

    public bool RequiredBool(string key) => Required(key)?.Bool() ?? false;

    public bool? OptionalBool(string key) => Optional(key)?.Bool();

    public YamlMap? RequiredMap(string key) => Required(key)?.Map();

    public YamlMap? OptionalMap(string key) => Optional(key)?.Map();

    public YamlList? RequiredList(string key) => Required(key)?.List();

    public YamlList? OptionalList(string key) => Optional(key)?.List();

    /// <summary>
    /// Records every key that nobody asked for, each with the nearest key that somebody did. Call it last.
    /// </summary>
    public void RejectUnknownKeys()
    {
        foreach (YamlNode key in Node.Children.Keys)
        {
            string name = KeyText(key);
            if (!asked.Contains(name))
                Faults.Add(key, PathOf(name), "there is no such key", asked.Count > 0 ? NearestName.Remedy(name, asked) : null);
        }
    }

    /// <summary>Records a fault of the map as a whole.</summary>
    public void Reject(string problem, string? remedy = null) => Faults.Add(Node, Path, problem, remedy);

    private YamlNode? Find(string key)
    {
        asked.Add(key);
        return Node.Children.FirstOrDefault(entry => KeyText(entry.Key) == key).Value;
    }

    private YamlValue Value(string key, YamlNode node) => new(node, PathOf(key), Faults);

    private string PathOf(string key) => Path.Length > 0 ? $"{Path}.{key}" : key;

    private static string KeyText(YamlNode key) => key is YamlScalarNode scalar ? scalar.Value ?? "" : "(not a text)";
}
