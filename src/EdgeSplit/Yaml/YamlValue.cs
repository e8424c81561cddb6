using System.Globalization;
using EdgeSplit.Numerics;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace EdgeSplit.Yaml;

/// <summary>
/// One YAML value, read strictly as a type: a number is written plainly, a truth value is <c>true</c> or <c>false</c>. What
/// is not of the type gives null and a fault.
/// </summary>
/// <param name="Node">The value's node.</param>
/// <param name="Path">Its key path.</param>
/// <param name="Faults">Shared by all of one source.</param>
public sealed record YamlValue(YamlNode Node, string Path, YamlFaults Faults)
{
    private const int LongestQuote = 60;

    public bool IsScalar => Node is YamlScalarNode;

    public bool IsMap => Node is YamlMappingNode;

    public bool IsList => Node is YamlSequenceNode;

    /// <summary>Any scalar but an empty one.</summary>
    public string? String() =>
        Node is YamlScalarNode { Value: { } text } scalar && !(scalar.Style == ScalarStyle.Plain && text is "" or "~" or "null")
            ? text
            : Mismatch<string>("a text");

    public int? Int(int minimum = int.MinValue, int maximum = int.MaxValue) => (int?)Long(minimum, maximum);

    public long? Long(long minimum = long.MinValue, long maximum = long.MaxValue)
    {
        if (Plain is not string text || text.Length == 0 || text.Any(digit => !char.IsAsciiDigit(digit) && digit is not ('-' or '+')))
            return NoLong("a whole number");
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            && value >= minimum && value <= maximum
            ? value
            : NoLong(Range("a whole number", minimum == long.MinValue || minimum == int.MinValue ? null : minimum,
                maximum == long.MaxValue || maximum == int.MaxValue ? null : maximum));
    }

    public double? Double(double minimum = double.MinValue, double maximum = double.MaxValue)
    {
        string expected = Range("a number", minimum == double.MinValue ? null : minimum, maximum == double.MaxValue ? null : maximum);
        if (Plain is string text && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            && value >= minimum && value <= maximum)
        {
            return value;
        }

        _ = Mismatch<string>(expected);
        return null;
    }

    public bool? Bool()
    {
        if (Plain is "true" or "false")
            return Plain == "true";
        _ = Mismatch<string>("true or false");
        return null;
    }

    /// <summary>A shape like <c>3x32x32</c>.</summary>
    public Shape? Shape()
    {
        if (Plain is string text && Numerics.Shape.TryParse(text, out Shape shape))
            return shape;
        _ = Mismatch<string>("a shape such as 3x32x32");
        return null;
    }

    /// <summary>One of the names of <paramref name="choices"/>; any other is a fault that says the nearest.</summary>
    public T? Choice<T>(IReadOnlyDictionary<string, T> choices)
        where T : struct
    {
        if (String() is not string name)
            return null;
        if (choices.TryGetValue(name, out T choice))
            return choice;
        Reject($"'{Shortened(name)}' is not known here", NearestName.Remedy(name, choices.Keys));
        return null;
    }

    public YamlMap? Map() => Node is YamlMappingNode map ? new YamlMap(map, Path, Faults) : Mismatch<YamlMap>("a map of keys");

    public YamlList? List() => Node is YamlSequenceNode list ? new YamlList(list, Path, Faults) : Mismatch<YamlList>("a list");

    /// <summary>Records a fault of this value.</summary>
    public void Reject(string problem, string? remedy = null) => Faults.Add(Node, Path, problem, remedy);

    private string? Plain => Node is YamlScalarNode { Style: ScalarStyle.Plain } scalar ? scalar.Value : null;

    private long? NoLong(string expected)
    {
        _ = Mismatch<string>(expected);
        return null;
    }

    private T? Mismatch<T>(string expected)
        where T : class
    {
        string given = Node switch
        {
            YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" } => "it is empty",
            YamlScalarNode { Style: ScalarStyle.Plain } scalar => $"it is '{Shortened(scalar.Value!)}'",
            YamlScalarNode scalar => $"it is the quoted text \"{Shortened(scalar.Value ?? "")}\"",
            YamlMappingNode => "it is a map",
            _ => "it is a list",
        };
        Reject(given, $"give {expected}");
        return null;
    }

    private static string Range(string what, IFormattable? minimum, IFormattable? maximum)
    {
        string? low = minimum?.ToString(null, CultureInfo.InvariantCulture), high = maximum?.ToString(null, CultureInfo.InvariantCulture);
        return (low, high) switch
        {
            (null, null) => what,
            (not null, null) => $"{what} of {low} or more",
            (null, not null) => $"{what} of {high} or less",
            _ => $"{what} from {low} to {high}",
        };
    }

    private static string Shortened(string text) => text.Length <= LongestQuote ? text : text[..LongestQuote] + "...";
}
