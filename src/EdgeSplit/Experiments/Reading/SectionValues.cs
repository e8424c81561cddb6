using EdgeSplit.Experiments.Keys;
using EdgeSplit.Numerics;
using EdgeSplit.Yaml;

namespace EdgeSplit.Experiments.Reading;

/// <summary>What one section of a file says: the valid values by key, and the defaults of the others.</summary>
/// <param name="kind">The section's keys.</param>
/// <param name="self">The section itself, for faults.</param>
internal sealed class SectionValues(ValueKind.Section kind, YamlValue self)
{
    private readonly Dictionary<string, object> values = [];
    private readonly Dictionary<string, YamlValue> given = [];

    public YamlValue Self => self;

    /// <summary>Whether the file has the key, with a valid value or not.</summary>
    public bool Has(string key) => given.ContainsKey(key);

    /// <summary>The key's value as it stands in the file; the section if it does not.</summary>
    public YamlValue At(string key) => given.GetValueOrDefault(key, self);

    /// <summary>Where a fault of the key is to be looked for.</summary>
    public string PlaceOf(string key)
    {
        if (given.TryGetValue(key, out YamlValue? value))
            return value.Faults.PlaceOf(value.Node, value.Path);
        return self.Faults.PlaceOf(self.Node, self.Path.Length > 0 ? $"{self.Path}.{key}" : key);
    }

    public void Put(string key, YamlValue value, object? valid)
    {
        given[key] = value;
        if (valid is not null)
            values[key] = valid;
    }

    public string? Text(string key) => Get(key) as string;

    /// <summary>The number; null where there is none, or a word in its place.</summary>
    public int? Whole(string key) => (int?)Long(key);

    public long? Long(string key) => Get(key) as long?;

    public double? Number(string key) => Get(key) as double?;

    /// <summary>The list of names; null where there is none, or a number in its place.</summary>
    public IReadOnlyList<string>? Names(string key) => Get(key) as IReadOnlyList<string>;

    /// <summary>The list of numbers, as float32.</summary>
    public float[]? Numbers(string key) => Get(key) is double[] numbers ? [.. numbers.Select(number => (float)number)] : null;

    public bool Flag(string key) => Get(key) is true;

    public Shape? Shape(string key) => Get(key) switch
    {
        Shape shape => shape,
        string text when Numerics.Shape.TryParse(text, out Shape shape) => shape,
        _ => null,
    };

    /// <summary>The section under the key; one of defaults where the file has none.</summary>
    public SectionValues Section(string key) =>
        Get(key) as SectionValues ?? new SectionValues((ValueKind.Section)kind[key].Kind, At(key));

    public IReadOnlyList<SectionValues> Items(string key) => Get(key) as IReadOnlyList<SectionValues> ?? [];

    private object? Get(string key) => values.TryGetValue(key, out object? value) ? value : kind[key].Default;
}
