using EdgeSplit.Experiments.Keys;
using EdgeSplit.Yaml;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace EdgeSplit.Experiments.Reading;

/// <summary>Reads a file's nodes by the description of its keys, and records everything that does not fit it.</summary>
/// <param name="overrides">Values from the command line, among the file's nodes.</param>
internal sealed class SectionReader(Overrides overrides)
{
    public SectionValues Read(ValueKind.Section kind, YamlValue section)
    {
        SectionValues values = new(kind, section);
        if (kind.Shorthand is string shorthand && section.IsScalar)
        {
            values.Put(shorthand, section, LeafReader.Read(kind[shorthand].Kind, section));
        }
        else
        {
            if (section.Map() is not YamlMap map)
                return values;
            foreach ((YamlNode key, YamlNode value) in map.Node.Children)
                ReadEntry(kind, values, key, ValueOf(map, key, value));
        }

        CheckApplicable(kind, values);
        CheckExclusive(kind, values);
        return values;
    }

    private YamlValue ValueOf(YamlMap map, YamlNode key, YamlNode value) =>
        overrides.FaultsOf(value) is YamlFaults own
            ? new YamlValue(value, "", own)
            : new YamlValue(value, map.Path.Length > 0 ? $"{map.Path}.{NameOf(key)}" : NameOf(key), map.Faults);

    private void ReadEntry(ValueKind.Section kind, SectionValues values, YamlNode keyNode, YamlValue value)
    {
        string name = NameOf(keyNode);
        Key? key = kind.Keys.FirstOrDefault(key => key.Name == name);
        if (key is null)
            value.Faults.Add(keyNode, value.Path, "there is no such key", KeyPaths.Remedy(name, kind));
        else if (!IsLeftOut(key, value.Node))
            values.Put(name, value, ReadValue(key, value));
    }

    private object? ReadValue(Key key, YamlValue value) => key.Kind switch
    {
        ValueKind.Section section => Read(section, value),
        ValueKind.List list => ReadList(list, value),
        _ => LeafReader.Read(key.Kind, value),
    };

    private List<SectionValues>? ReadList(ValueKind.List kind, YamlValue value)
    {
        if (value.List() is not YamlList list)
            return null;
        if (list.Count == 0)
            value.Reject("the list is empty", "give at least one");
        return [.. list.Select(item => Read(
            kind.Item, overrides.FaultsOf(item.Node) is YamlFaults own ? new YamlValue(item.Node, "", own) : item))];
    }

    /// <summary>A key is left out by <c>null</c>; a section also by having nothing under it.</summary>
    private static bool IsLeftOut(Key key, YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain } scalar
        && (scalar.Value is "null" or "~" || (scalar.Value is null or "" && key.Kind is ValueKind.Section));

    private void CheckApplicable(ValueKind.Section kind, SectionValues values)
    {
        string? word = kind.Discriminator is string discriminator ? values.Text(discriminator) : null;
        bool isKnown = kind.Discriminator is null || word is not null;
        foreach (Key key in kind.Keys)
        {
            bool applies = key.AppliesTo(word);
            if (values.Has(key.Name) && !applies && isKnown && !IsOutdone(values, key.Name, kind.Discriminator!))
            {
                values.At(key.Name).Reject(
                    $"it does not go with {kind.Discriminator} '{word}'", $"remove it; it goes with {string.Join(", ", key.OnlyFor!)}");
            }
            else if (!values.Has(key.Name) && key.Required && applies && (isKnown || key.OnlyFor is null))
            {
                Reject(values, key.Name, "this key is missing", $"add it: {char.ToLowerInvariant(key.Meaning[0])}{key.Meaning[1..].TrimEnd('.')}");
            }
        }
    }

    private void CheckExclusive(ValueKind.Section kind, SectionValues values)
    {
        string[] present = [.. kind.Exclusive.Where(values.Has)];
        string names = string.Join(" or ", kind.Exclusive);
        if (present.Length == 0 && kind.NeedsExclusive)
            values.Self.Reject($"neither {kind.Exclusive[0]} nor {kind.Exclusive[1]} is given", $"give {names}");
        if (present is [string first, string second] && !IsOutdone(values, first, second) && !IsOutdone(values, second, first))
            values.At(second).Reject($"{first} is given too", $"give {names}, not both");
    }

    /// <summary>Whether the command line chose <paramref name="by"/>, which makes the file's <paramref name="key"/> meaningless, not wrong.</summary>
    private bool IsOutdone(SectionValues values, string key, string by) =>
        overrides.Covers(values.At(by)) && values.Has(by) && !overrides.Covers(values.At(key));

    private static void Reject(SectionValues values, string key, string problem, string remedy)
    {
        YamlValue self = values.Self;
        self.Faults.Add(self.Node, self.Path.Length > 0 ? $"{self.Path}.{key}" : key, problem, remedy);
    }

    private static string NameOf(YamlNode key) => key is YamlScalarNode scalar ? scalar.Value ?? "" : "(not a text)";
}
