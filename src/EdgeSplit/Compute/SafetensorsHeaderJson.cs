using System.Text.Json;
using EdgeSplit.Numerics;

namespace EdgeSplit.Compute;

/// <summary>The JSON of a safetensors header: an object of tensors by name, and text under <c>__metadata__</c>.</summary>
internal static class SafetensorsHeaderJson
{
    public const string Metadata = "__metadata__";

    /// <param name="header">The header's bytes.</param>
    /// <param name="start">Where in the file the tensors' bytes begin.</param>
    /// <param name="metadata">Gets the text there is about them.</param>
    /// <exception cref="JsonException">Not such an object.</exception>
    /// <exception cref="FormatException">A value is out of range.</exception>
    /// <exception cref="InvalidOperationException">A name is not text.</exception>
    public static List<SafetensorsEntry> Parse(ReadOnlySpan<byte> header, long start, Dictionary<string, string> metadata)
    {
        Utf8JsonReader reader = new(header);
        List<SafetensorsEntry> entries = [];
        Expect(ref reader, JsonTokenType.StartObject);
        while (Next(ref reader) != JsonTokenType.EndObject)
        {
            string name = reader.GetString()!;
            if (name != Metadata)
            {
                entries.Add(ParseEntry(ref reader, name, start));
                continue;
            }

            ParseMetadata(ref reader, metadata);
        }

        // Anything but white space after the object is an error of the reader's.
        return reader.Read() ? throw new JsonException("something follows the object") : entries;
    }

    /// <summary>The format's word for a type.</summary>
    public static string NameOf(ElementType type) => type switch
    {
        ElementType.Bool => "BOOL",
        ElementType.UInt8 => "U8",
        ElementType.Int8 => "I8",
        ElementType.Int16 => "I16",
        ElementType.Int32 => "I32",
        ElementType.Int64 => "I64",
        ElementType.Float16 => "F16",
        ElementType.BFloat16 => "BF16",
        ElementType.Float32 => "F32",
        ElementType.Float64 => "F64",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    /// <summary>Text is all there should be; what else some writers put there is passed over.</summary>
    private static void ParseMetadata(ref Utf8JsonReader reader, Dictionary<string, string> metadata)
    {
        if (Next(ref reader) != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (Next(ref reader) != JsonTokenType.EndObject)
        {
            string key = reader.GetString()!;
            if (Next(ref reader) == JsonTokenType.String)
                metadata[key] = reader.GetString()!;
            else
                reader.Skip();
        }
    }

    private static SafetensorsEntry ParseEntry(ref Utf8JsonReader reader, string name, long start)
    {
        ElementType? type = null;
        List<long>? shape = null, offsets = null;
        Expect(ref reader, JsonTokenType.StartObject);
        while (Next(ref reader) != JsonTokenType.EndObject)
        {
            switch (reader.GetString())
            {
                case "dtype":
                    Expect(ref reader, JsonTokenType.String);
                    type = TypeOf(reader.GetString()!, name);
                    break;
                case "shape":
                    shape = ParseNumbers(ref reader);
                    break;
                case "data_offsets":
                    offsets = ParseNumbers(ref reader);
                    break;
                default:
                    Next(ref reader);
                    reader.Skip();
                    break;
            }
        }

        if (type is null || shape is null || offsets is not [var begin, var end])
            throw new FormatException($"'{name}' lacks a dtype, a shape or two data_offsets");
        if (begin > end)
            throw new FormatException($"'{name}' ends before it begins");
        if (shape.Count > 32 || shape.Any(extent => extent > int.MaxValue))
            throw new FormatException($"'{name}' has a shape beyond all measure");
        // Offsets are below 2^62 by ParseNumbers: no overflow.
        return new SafetensorsEntry(name, type.Value, new Shape([.. shape.Select(extent => (int)extent)]), start + begin, end - begin);
    }

    private static List<long> ParseNumbers(ref Utf8JsonReader reader)
    {
        List<long> numbers = [];
        Expect(ref reader, JsonTokenType.StartArray);
        while (Next(ref reader) != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number is < 0 or > 1L << 62)
                throw new FormatException("a shape or an offset is not a whole number from 0");
            numbers.Add(number);
        }

        return numbers;
    }

    private static ElementType TypeOf(string dtype, string name)
    {
        foreach (ElementType type in Enum.GetValues<ElementType>())
        {
            if (NameOf(type) == dtype)
                return type;
        }

        throw new FormatException($"'{name}' has dtype {dtype}, which is none of those known here");
    }

    private static JsonTokenType Next(ref Utf8JsonReader reader) =>
        reader.Read() ? reader.TokenType : throw new JsonException("it ends too early");

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (Next(ref reader) != type)
            throw new JsonException($"{type} is expected at byte {reader.TokenStartIndex}");
    }
}
