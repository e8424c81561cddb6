namespace EdgeSplit.Experiments.Keys;

/// <summary>Key paths (<c>training.optimizer.kind</c>, <c>fleet.devices[0].cut</c>) and the right one for a wrong one.</summary>
internal static class KeyPaths
{
    /// <summary>Every key path of the file; items of a list as its first.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Under(ExperimentKeys.Root, "")];

    /// <summary>What to do about a key that <paramref name="section"/> does not have.</summary>
    public static string Remedy(string key, ValueKind.Section section)
    {
        string[] here = [.. section.Keys.Select(known => known.Name)];
        if (NearestName.Of(key, here) is string nearest)
            return $"did you mean '{nearest}'?";
        return Elsewhere(key) is string path ? $"it belongs at {path}" : $"known: {string.Join(", ", here)}";
    }

    /// <summary>What to do about a path that leads nowhere.</summary>
    public static string Remedy(string path, string lastKey, ValueKind.Section section) =>
        (NearestName.Of(path, All) ?? Elsewhere(lastKey)) is string nearest ? $"did you mean '{nearest}'?" : Remedy(lastKey, section);

    /// <summary>The path of the only key of that name.</summary>
    private static string? Elsewhere(string key)
    {
        string[] paths = [.. All.Where(path => path[(path.LastIndexOf('.') + 1)..] == key)];
        return paths is [string only] ? only : null;
    }

    private static IEnumerable<string> Under(ValueKind.Section section, string prefix)
    {
        foreach (Key key in section.Keys)
        {
            string path = prefix + key.Name;
            yield return path;
            (ValueKind.Section? inner, string next) = key.Kind switch
            {
                ValueKind.Section nested => (nested, path + "."),
                ValueKind.List list => (list.Item, path + "[0]."),
                _ => (null, ""),
            };
            if (inner is not null)
            {
                foreach (string below in Under(inner, next))
                    yield return below;
            }
        }
    }
}
