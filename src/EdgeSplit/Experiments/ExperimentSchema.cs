using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeSplit.Experiments.Keys;

namespace EdgeSplit.Experiments;

/// <summary>The JSON schema (draft 7) of experiment files, with which editors complete and check them.</summary>
public static class ExperimentSchema
{
    public const string Title = "EdgeSplit experiment";

    /// <summary>Apostrophes stay readable: the file is for editors, never part of a web page.</summary>
    private static readonly JsonWriterOptions Options =
        new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write()
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, Options))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "http://json-schema.org/draft-07/schema#");
            json.WriteString("title", Title);
            WriteSection(json, ExperimentKeys.Root);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void WriteKey(Utf8JsonWriter json, Key key)
    {
        json.WriteStartObject(key.Name);
        string only = key.OnlyFor is null ? "" : $" Only for {string.Join(", ", key.OnlyFor)}.";
        string fallback = key.DefaultInWords is null ? "" : $" Default: {key.DefaultInWords}.";
        json.WriteString("description", key.Meaning + only + fallback);
        WriteDefault(json, key.Default);
        if (key.Kind is ValueKind.Section { Shorthand: string shorthand } section)
        {
            json.WriteStartArray("oneOf");
            json.WriteStartObject();
            WriteKind(json, section[shorthand].Kind);
            json.WriteEndObject();
            json.WriteStartObject();
            WriteSection(json, section);
            json.WriteEndObject();
            json.WriteEndArray();
        }
        else
        {
            WriteKind(json, key.Kind);
        }

        json.WriteEndObject();
    }

    private static void WriteDefault(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case string text:
                json.WriteString("default", text);
                break;
            case long number:
                json.WriteNumber("default", number);
                break;
            case double number:
                json.WriteNumber("default", number);
                break;
            case bool flag:
                json.WriteBoolean("default", flag);
                break;
        }
    }

    private static void WriteKind(Utf8JsonWriter json, ValueKind kind)
    {
        switch (kind)
        {
            case ValueKind.Choice choice:
                WriteWords(json, "enum", choice.Words);
                break;
            case ValueKind.Text text:
                json.WriteString("type", "string");
                json.WriteNumber("minLength", 1);
                if (text.Pattern is not null)
                    json.WriteString("pattern", text.Pattern);
                break;
            case ValueKind.Whole { Word: string word } whole:
                json.WriteStartArray("oneOf");
                json.WriteStartObject();
                WriteWords(json, "enum", [word]);
                json.WriteEndObject();
                json.WriteStartObject();
                WriteKind(json, whole with { Word = null });
                json.WriteEndObject();
                json.WriteEndArray();
                break;
            case ValueKind.Whole whole:
                json.WriteString("type", "integer");
                json.WriteNumber("minimum", whole.Minimum);
                json.WriteNumber("maximum", whole.Maximum);
                break;
            case ValueKind.Number number:
                json.WriteString("type", "number");
                json.WriteNumber(number.OverMinimum ? "exclusiveMinimum" : "minimum", number.Minimum);
                json.WriteNumber(number.UnderMaximum ? "exclusiveMaximum" : "maximum", number.Maximum);
                break;
            case ValueKind.Names names:
                json.WriteString("type", "array");
                json.WriteNumber("minItems", 1);
                json.WriteNumber("maxItems", names.Most);
                json.WriteBoolean("uniqueItems", true);
                json.WriteStartObject("items");
                WriteWords(json, "type", ["string", "number", "boolean"]);
                json.WriteEndObject();
                break;
            case ValueKind.CountOrNames either:
                json.WriteStartArray("oneOf");
                foreach (ValueKind one in (ValueKind[])[either.Count, either.OrNames])
                {
                    json.WriteStartObject();
                    WriteKind(json, one);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                break;
            case ValueKind.Numbers numbers:
                json.WriteString("type", "array");
                json.WriteNumber("minItems", 1);
                json.WriteNumber("maxItems", numbers.Most);
                json.WriteStartObject("items");
                WriteKind(json, numbers.Item);
                json.WriteEndObject();
                break;
            case ValueKind.Flag:
                json.WriteString("type", "boolean");
                break;
            case ValueKind.Extents:
                json.WriteStartArray("oneOf");
                json.WriteStartObject();
                json.WriteString("type", "string");
                json.WriteString("pattern", "^[0-9]+(x[0-9]+)*$");
                json.WriteEndObject();
                json.WriteStartObject();
                WriteKind(json, new ValueKind.Whole(1, int.MaxValue));
                json.WriteEndObject();
                json.WriteEndArray();
                break;
            case ValueKind.Amount amount:
                json.WriteString("type", "string");
                json.WriteString("pattern", $"^ *[0-9.]+ ?({string.Join('|', amount.Quantity.Units)}) *$");
                break;
            case ValueKind.Section section:
                WriteSection(json, section);
                break;
            case ValueKind.List list:
                json.WriteString("type", "array");
                json.WriteNumber("minItems", 1);
                json.WriteStartObject("items");
                WriteSection(json, list.Item);
                json.WriteEndObject();
                break;
        }
    }

    private static void WriteSection(Utf8JsonWriter json, ValueKind.Section section)
    {
        json.WriteString("type", "object");
        json.WriteBoolean("additionalProperties", false);
        string[] required = [.. section.Keys.Where(key => key.Required && key.OnlyFor is null).Select(key => key.Name)];
        if (required.Length > 0)
            WriteWords(json, "required", required);
        json.WriteStartObject("properties");
        foreach (Key key in section.Keys)
            WriteKey(json, key);
        json.WriteEndObject();
        if (section.NeedsExclusive)
            WriteOneOf(json, section.Exclusive);
        else if (section.Exclusive.Count > 0)
            WriteNotBoth(json, section.Exclusive);
        if (section.Discriminator is string discriminator)
            WriteConditions(json, section, discriminator);
    }

    private static void WriteOneOf(Utf8JsonWriter json, IReadOnlyList<string> keys)
    {
        json.WriteStartArray("oneOf");
        foreach (string key in keys)
        {
            json.WriteStartObject();
            WriteWords(json, "required", [key]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteNotBoth(Utf8JsonWriter json, IReadOnlyList<string> keys)
    {
        json.WriteStartObject("not");
        WriteWords(json, "required", keys);
        json.WriteEndObject();
    }

    /// <summary>For each word of the discriminator: which keys it needs, and which it does not go with.</summary>
    private static void WriteConditions(Utf8JsonWriter json, ValueKind.Section section, string discriminator)
    {
        json.WriteStartArray("allOf");
        Key chooser = section[discriminator];
        foreach (string word in ((ValueKind.Choice)chooser.Kind).Words)
        {
            json.WriteStartObject();
            json.WriteStartObject("if");
            json.WriteStartObject("properties");
            json.WriteStartObject(discriminator);
            WriteWords(json, "enum", [word]);
            json.WriteEndObject();
            json.WriteEndObject();
            if (chooser.Default as string != word)
                WriteWords(json, "required", [discriminator]);
            json.WriteEndObject();
            json.WriteStartObject("then");
            json.WriteStartObject("properties");
            foreach (Key key in section.Keys.Where(key => !key.AppliesTo(word)))
                json.WriteBoolean(key.Name, false);
            json.WriteEndObject();
            string[] required = [.. section.Keys.Where(key => key.Required && key.OnlyFor is not null && key.AppliesTo(word)).Select(key => key.Name)];
            if (required.Length > 0)
                WriteWords(json, "required", required);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteWords(Utf8JsonWriter json, string name, IReadOnlyList<string> words)
    {
        json.WriteStartArray(name);
        foreach (string word in words)
            json.WriteStringValue(word);
        json.WriteEndArray();
    }
}
