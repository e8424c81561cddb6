using EdgeSplit.Experiments.Keys;
using EdgeSplit.Yaml;

namespace EdgeSplit.Experiments.Reading;

/// <summary>A file's list of different names.</summary>
internal static class NameList
{
    /// <summary>The names; null and faults where they are none.</summary>
    public static IReadOnlyList<string>? Read(ValueKind.Names kind, YamlValue value)
    {
        if (value.List() is not YamlList list)
            return null;
        if (list.Count is 0 || list.Count > kind.Most)
        {
            value.Reject($"it has {list.Count} names", $"give 1 to {kind.Most}");
            return null;
        }

        bool isSound = true;
        HashSet<string> names = [];
        foreach (YamlValue item in list)
        {
            if (item.String() is not string name)
            {
                isSound = false;
            }
            else if (name.Trim() is not { Length: > 0 } trimmed || trimmed.Length > kind.LongestName || trimmed.Any(char.IsControl) || trimmed.Length < name.Length)
            {
                item.Reject("it is no name", $"give 1 to {kind.LongestName} characters, none of them a line end or a blank at an end");
                isSound = false;
            }
            else if (!names.Add(name))
            {
                item.Reject($"'{name}' is there twice", "name each once");
                isSound = false;
            }
        }

        return isSound ? [.. list.Strings()] : null;
    }
}
