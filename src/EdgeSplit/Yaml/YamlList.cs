using System.Collections;
using YamlDotNet.RepresentationModel;

namespace EdgeSplit.Yaml;

/// <summary>The items of one YAML list; what does not fit is recorded as in <see cref="YamlMap"/>.</summary>
/// <param name="Node">The list's node.</param>
/// <param name="Path">Its key path; items are <c>path[0]</c>, <c>path[1]</c>, ...</param>
/// <param name="Faults">Shared by all of one source.</param>
public sealed record YamlList(YamlSequenceNode Node, string Path, YamlFaults Faults) : IReadOnlyList<YamlValue>
{
    public int Count => Node.Children.Count;

    public YamlValue this[int index] => new(Node.Children[index], $"{Path}[{index}]", Faults);

    /// <summary>The items that are maps; each other is a fault.</summary>
    public IEnumerable<YamlMap> Maps() => this.Select(item => item.Map()).OfType<YamlMap>();

    /// <summary>The items that are texts; each other is a fault.</summary>
    public IEnumerable<string> Strings() => this.Select(item => item.String()).OfType<string>();

    /// <summary>The items that are whole numbers within the bounds; each other is a fault.</summary>
    public IEnumerable<int> Ints(int minimum = int.MinValue, int maximum = int.MaxValue) =>
        this.Select(item => item.Int(minimum, maximum)).OfType<int>();

    /// <summary>The items that are numbers within the bounds; each other is a fault.</summary>
    public IEnumerable<double> Doubles(double minimum = double.MinValue, double maximum = double.MaxValue) =>
        this.Select(item => item.Double(minimum, maximum)).OfType<double>();

    public IEnumerator<YamlValue> GetEnumerator() => Enumerable.Range(0, Count).Select(index => this[index]).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
