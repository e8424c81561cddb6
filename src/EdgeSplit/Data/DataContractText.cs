using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeSplit.Numerics;

namespace EdgeSplit.Data;

/// <summary>A data contract as JSON: one object, its keys always in the same order, so that equal contracts have equal texts.</summary>
public static class DataContractText
{
    private const int Version = 1;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The contract's text, on one line.</summary>
    public static string Write(DataContract contract)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteStartArray("shape");
            foreach (int extent in contract.SampleShape.Dimensions)
                json.WriteNumberValue(extent);
            json.WriteEndArray();
            json.WriteString("element", contract.Element == SampleElement.Token ? "token" : "float");
            json.WriteNumber("divisor", contract.Divisor);
            if (contract.FeatureNames is { } features)
                WriteNames(json, "features", features);
            if (contract.Normalization is { } normalization)
            {
                WriteNumbers(json, "mean", normalization.Mean);
                WriteNumbers(json, "deviation", normalization.StandardDeviation);
            }

            WriteNames(json, "classes", contract.ClassNames);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>The contract of a text; keys it does not know are passed over.</summary>
    /// <exception cref="FormatException">It is none, or a later version's; the message says in which way.</exception>
    public static DataContract Parse(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return Read(document.RootElement);
        }
        catch (JsonException exception)
        {
            throw new FormatException($"it is no JSON: {exception.Message}", exception);
        }
    }

    private static DataContract Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new FormatException("it is no JSON object");
        if (!root.TryGetProperty("version", out JsonElement version) || !version.TryGetInt32Safely(out int number) || number != Version)
            throw new FormatException($"its version is not {Version}");
        Shape shape = ShapeOf(root);
        DataContract contract = new()
        {
            SampleShape = shape,
            Element = TextOf(root, "element") switch
            {
                "float" => SampleElement.Float,
                "token" => SampleElement.Token,
                var other => throw new FormatException($"its element is '{other}', neither float nor token"),
            },
            Divisor = NumbersOf(root, "divisor", single: true) is [> 0 and var divisor] ? divisor : throw new FormatException("its divisor is not over 0"),
            FeatureNames = root.TryGetProperty("features", out _) ? NamesOf(root, "features", DataContract.MostFeatures) : null,
            Normalization = NormalizationOf(root, shape),
            ClassNames = NamesOf(root, "classes", DataContract.MostClasses),
        };
        if (contract.FeatureNames is { } features && shape != new Shape(features.Count))
            throw new FormatException($"it names {features.Count} columns for samples of {shape}");
        return contract is { Element: SampleElement.Token, Normalization: not null } ? throw new FormatException("it normalises tokens") : contract;
    }

    private static Shape ShapeOf(JsonElement root)
    {
        if (!root.TryGetProperty("shape", out JsonElement array) || array.ValueKind != JsonValueKind.Array || array.GetArrayLength() is 0 or > 32)
            throw new FormatException("it has no shape");
        int[] extents = [.. array.EnumerateArray().Select(extent => extent.TryGetInt32Safely(out int value) && value > 0
            ? value
            : throw new FormatException("an extent of its shape is no whole number over 0"))];
        double elements = extents.Aggregate(1.0, (product, extent) => product * extent);
        return elements <= int.MaxValue ? new Shape(extents) : throw new FormatException("its shape is beyond all measure");
    }

    private static Normalization? NormalizationOf(JsonElement root, Shape shape)
    {
        bool hasMean = root.TryGetProperty("mean", out _), hasDeviation = root.TryGetProperty("deviation", out _);
        if (!hasMean && !hasDeviation)
            return null;
        if (!hasMean || !hasDeviation)
            throw new FormatException("it has only one of mean and deviation");
        float[] mean = NumbersOf(root, "mean", single: false), deviation = NumbersOf(root, "deviation", single: false);
        if (mean.Length == 0 || mean.Length != deviation.Length || deviation.Any(value => value <= 0))
            throw new FormatException("its means and deviations are none to divide by");
        Normalization normalization = new(mean, deviation);
        return normalization.Fits(shape) ? normalization : throw new FormatException($"its normalisation does not fit samples of {shape}");
    }

    private static string[] NamesOf(JsonElement root, string key, int most)
    {
        if (!root.TryGetProperty(key, out JsonElement array) || array.ValueKind != JsonValueKind.Array || array.GetArrayLength() is 0)
            throw new FormatException($"it has no {key}");
        if (array.GetArrayLength() > most)
            throw new FormatException($"it has {array.GetArrayLength()} {key}, more than {most}");
        HashSet<string> names = [];
        foreach (JsonElement item in array.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String || item.GetString() is not { Length: > 0 and <= DataContract.LongestName } name)
                throw new FormatException($"one of its {key} is no name of 1 to {DataContract.LongestName} characters");
            if (!names.Add(name))
                throw new FormatException($"two of its {key} are called '{name}'");
        }

        return [.. array.EnumerateArray().Select(item => item.GetString()!)];
    }

    private static float[] NumbersOf(JsonElement root, string key, bool single)
    {
        if (!root.TryGetProperty(key, out JsonElement value) || value.ValueKind != (single ? JsonValueKind.Number : JsonValueKind.Array))
            throw new FormatException($"its {key} is missing");
        float[] numbers = single ? [NumberOf(value, key)] : [.. value.EnumerateArray().Select(item => NumberOf(item, key))];
        return numbers;
    }

    private static float NumberOf(JsonElement value, string key) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out float number) && float.IsFinite(number)
            ? number
            : throw new FormatException($"its {key} holds what is no finite number");

    private static string TextOf(JsonElement root, string key) =>
        root.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static bool TryGetInt32Safely(this JsonElement element, out int value)
    {
        value = 0;
        return element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out value);
    }

    private static void WriteNames(Utf8JsonWriter json, string key, IReadOnlyList<string> names)
    {
        json.WriteStartArray(key);
        foreach (string name in names)
            json.WriteStringValue(name);
        json.WriteEndArray();
    }

    /// <summary>In as many digits as give the same float32 back.</summary>
    private static void WriteNumbers(Utf8JsonWriter json, string key, ReadOnlySpan<float> numbers)
    {
        json.WriteStartArray(key);
        foreach (float number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
