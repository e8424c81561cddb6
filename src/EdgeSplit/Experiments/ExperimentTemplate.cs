using System.Globalization;
using System.Text;
using EdgeSplit.Experiments.Keys;
using EdgeSplit.Yaml;

namespace EdgeSplit.Experiments;

/// <summary>Experiment files to start from: every key with its meaning and default, those left at it as comments.</summary>
public static class ExperimentTemplate
{
    private const int Width = 100;

    private static readonly OrderedDictionary<string, Dictionary<string, string>> Templates = new()
    {
        ["four-devices"] = new()
        {
            ["name"] = "four-devices",
            ["model"] = "lenet5",
            ["data.source"] = "fashion-mnist",
            ["data.partition"] = "{ kind: dirichlet, alpha: 0.5, minimumSamples: 10 }",
            ["training.rounds"] = "10",
            ["training.localEpochs"] = "1",
            ["fleet.devices"] = "- { name: sensor, cut: 1 }|- { name: raspberry-pi, cut: 2 }|- { name: phone, cut: 3 }|- { name: laptop, cut: 4 }",
        },
        ["planned-fleet"] = new()
        {
            ["name"] = "planned-fleet",
            ["model"] = "vgg5",
            ["data.source"] = "fashion-mnist",
            ["training.rounds"] = "5",
            ["training.localSteps"] = "8",
            ["fleet.bandwidth"] = "50 Mbps",
            ["fleet.server"] = "laptop",
            ["fleet.devices"] = "- { name: camera, class: raspberry-pi-4, memory: 12 MiB, latency: 5 ms }|- { name: hub, class: raspberry-pi-5, uplink: 40 Mbps, downlink: 40 Mbps, latency: 10 ms }|- { name: robot, class: jetson-nano, latency: 5 ms }",
            ["plan"] = "edgesplit",
        },
        ["many-devices"] = new()
        {
            ["name"] = "many-devices",
            ["model"] = "lenet5",
            ["data.source"] = "fashion-mnist",
            ["data.partition"] = "{ kind: dirichlet, alpha: 0.5, minimumSamples: 10 }",
            ["training.rounds"] = "20",
            ["training.localEpochs"] = "1",
            ["training.participation"] = "0.1",
            ["fleet.devices"] = "- { name: sensor, count: 60, cut: 1 }|- { name: phone, count: 40, cut: 3 }",
        },
        ["centralized"] = new()
        {
            ["name"] = "centralized",
            ["model"] = "lenet5",
            ["data.source"] = "fashion-mnist",
            ["training.method"] = "centralized",
            ["training.rounds"] = "10",
            ["training.localEpochs"] = "1",
        },
    };

    /// <summary>The names of the templates; the first is the default.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Templates.Keys];

    /// <summary>The text of a template's file.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="schema">Where editors find the JSON schema, relative to the file; null for none.</param>
    public static string Write(string name, string? schema)
    {
        StringBuilder text = new();
        if (schema is not null)
            text.Append("# yaml-language-server: $schema=").Append(schema).Append('\n');
        text.Append("# An EdgeSplit experiment. A key behind '#' is at its default: take the '#' away to change it.\n");
        WriteKeys(text, ExperimentKeys.Root, Templates[name], "", 0);
        return text.ToString();
    }

    private static void WriteKeys(StringBuilder text, ValueKind.Section section, Dictionary<string, string> values, string prefix, int depth)
    {
        string? word = section.Discriminator is string discriminator
            ? values.GetValueOrDefault(prefix + discriminator) ?? section[discriminator].Default as string
            : null;
        foreach (Key key in section.Keys.Where(key => key.AppliesTo(word)))
        {
            string path = prefix + key.Name;
            if (depth == 0)
                text.Append('\n');
            WriteComment(text, key, depth);
            if (values.TryGetValue(path, out string? value))
                WriteValue(text, key, value, depth);
            else if (key.Kind is ValueKind.Section nested && values.Keys.Any(given => given.StartsWith(path + ".", StringComparison.Ordinal)))
                WriteSection(text, key, nested, values, path, depth);
            else
                Indent(text, depth).Append("# ").Append(key.Name).Append(": ").Append(Example(key)).Append('\n');
        }
    }

    private static void WriteSection(
        StringBuilder text, Key key, ValueKind.Section section, Dictionary<string, string> values, string path, int depth)
    {
        Indent(text, depth).Append(key.Name).Append(":\n");
        WriteKeys(text, section, values, path + ".", depth + 1);
    }

    private static void WriteValue(StringBuilder text, Key key, string value, int depth)
    {
        Indent(text, depth).Append(key.Name).Append(':');
        if (key.Kind is not ValueKind.List)
        {
            text.Append(' ').Append(value).Append('\n');
            return;
        }

        text.Append('\n');
        foreach (string item in value.Split('|'))
            Indent(text, depth + 1).Append(item).Append('\n');
    }

    private static void WriteComment(StringBuilder text, Key key, int depth)
    {
        string fallback = (key.Default, key.DefaultInWords) switch
        {
            (not null, _) => $" Default: {Literal(key.Default)}.",
            (_, string words) => $" Default: {words}.",
            _ => key.Required ? " Required." : "",
        };
        Wrap(text, key.Meaning + fallback, depth);
        ValueKind.Section? keys = key.Kind switch
        {
            ValueKind.Section section => section,
            ValueKind.List list => list.Item,
            _ => null,
        };
        if (keys is null)
            return;
        foreach (Key inner in keys.Keys.Where(_ => key.Kind is ValueKind.List || IsFlat(keys)))
        {
            string only = inner.OnlyFor is null ? "" : $" (only for {string.Join(", ", inner.OnlyFor)})";
            string value = inner.Default is object set ? $" Default: {Literal(set)}." : inner.DefaultInWords is string words ? $" Default: {words}." : "";
            Wrap(text, $"  {inner.Name}{only}: {inner.Meaning}{value}", depth);
        }
    }

    /// <summary>Whether a section is one to write on a line, its keys explained above it.</summary>
    private static bool IsFlat(ValueKind.Section section) =>
        section.Keys.All(key => key.Kind is not (ValueKind.Section or ValueKind.List)) && section.Shorthand is not null;

    /// <summary>The value to show for a key at its default: in a file, the line without its '#' is valid.</summary>
    private static string Example(Key key) => key.Kind switch
    {
        _ when key.Example is string example => example,
        _ when key.Default is object set => Literal(set),
        ValueKind.Section { Shorthand: string shorthand } section when section[shorthand].Default is object set => Literal(set),
        ValueKind.Section section => $"{{ {string.Join(", ", section.Keys.Where(inner => inner.Default is not null).Select(inner => $"{inner.Name}: {Literal(inner.Default!)}"))} }}",
        ValueKind.Whole { Word: string word } => word,
        ValueKind.Whole => "1",
        ValueKind.Number => "0.5",
        _ => "...",
    };

    private static string Literal(object value) => value switch
    {
        string text => YamlScalar.Write(text),
        bool flag => YamlScalar.Write(flag),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, null),
    };

    private static void Wrap(StringBuilder text, string sentence, int depth)
    {
        string margin = sentence.StartsWith("  ", StringComparison.Ordinal) ? "#   " : "# ";
        StringBuilder line = new(margin);
        foreach (string word in sentence.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length + word.Length + (2 * depth) > Width)
            {
                Indent(text, depth).Append(line.ToString().TrimEnd()).Append('\n');
                line.Clear().Append(margin).Append(margin.Length > 2 ? "  " : "");
            }

            line.Append(word).Append(' ');
        }

        Indent(text, depth).Append(line.ToString().TrimEnd()).Append('\n');
    }

    private static StringBuilder Indent(StringBuilder text, int depth) => text.Append(' ', 2 * depth);
}
