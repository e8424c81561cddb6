using EdgeSplit.Yaml;
using YamlDotNet.RepresentationModel;

namespace EdgeSplit.Experiments.Reading;

/// <summary>Where two experiment files differ, key by key.</summary>
internal static class KeyDifferences
{
    /// <summary>Every key whose value differs, in the order of its path, with both values as they are written; null for none.</summary>
    /// <param name="before">A file's text.</param>
    /// <param name="now">Another's.</param>
    /// <param name="source">What to call the second in a fault.</param>
    /// <exception cref="InvalidInputException">The second cannot be read.</exception>
    public static IEnumerable<(string Key, string? Before, string? Now)> Between(string before, string now, string source)
    {
        SortedDictionary<string, string> was = Leaves(before, source), has = Leaves(now, source);
        return from key in was.Keys.Union(has.Keys).Order(StringComparer.Ordinal)
               let pair = (Before: was.GetValueOrDefault(key), Now: has.GetValueOrDefault(key))
               where pair.Before != pair.Now
               select (key, pair.Before, pair.Now);
    }

    private static SortedDictionary<string, string> Leaves(string text, string source)
    {
        SortedDictionary<string, string> leaves = new(StringComparer.Ordinal);
        Collect(YamlFile.Parse(text, source).Node, "", leaves);
        return leaves;
    }

    private static void Collect(YamlNode node, string path, SortedDictionary<string, string> leaves)
    {
        switch (node)
        {
            case YamlMappingNode map:
                foreach ((YamlNode key, YamlNode value) in map.Children)
                    Collect(value, path.Length == 0 ? $"{key}" : $"{path}.{key}", leaves);
                break;
            case YamlSequenceNode list:
                for (int index = 0; index < list.Children.Count; index++)
                    Collect(list.Children[index], $"{path}[{index}]", leaves);
                break;
            default:
                leaves[path] = $"'{node}'";
                break;
        }
    }
}
