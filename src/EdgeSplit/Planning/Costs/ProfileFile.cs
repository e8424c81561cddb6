using System.Text.Json;

namespace EdgeSplit.Planning.Costs;

/// <summary>
/// Profiles as JSON: <c>{ "network", "machine", "isEstimate", "batchSize", "blocks": [ { "name", "forwardSeconds",
/// "backwardSeconds", "stepSeconds" } ] }</c>. A measured one also has <c>"measurement": { "engine", "input", "threads", "repetitions",
/// "wholeStepSeconds", "peakMemoryBytes" }</c>, for people, and a <c>"spread"</c> in each block.
/// </summary>
public static class ProfileFile
{
    /// <summary>A profile is a few kilobytes; a file beyond this is none.</summary>
    private const int LargestBytes = 16 << 20;

    private static readonly JsonWriterOptions Options = new() { Indented = true };

    public static void Write(Profile profile, Stream stream)
    {
        using Utf8JsonWriter writer = new(stream, Options);
        writer.WriteStartObject();
        writer.WriteString("network", profile.Network);
        writer.WriteString("machine", profile.Machine);
        writer.WriteBoolean("isEstimate", profile.IsEstimate);
        writer.WriteNumber("batchSize", profile.BatchSize);
        writer.WriteStartArray("blocks");
        foreach (BlockCost block in profile.Blocks)
        {
            writer.WriteStartObject();
            writer.WriteString("name", block.Name);
            writer.WriteNumber("forwardSeconds", block.ForwardSeconds);
            writer.WriteNumber("backwardSeconds", block.BackwardSeconds);
            writer.WriteNumber("stepSeconds", block.StepSeconds);
            if (block.Spread is { } spread)
                writer.WriteNumber("spread", spread);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (profile.Measurement is { } measurement)
        {
            writer.WriteStartObject("measurement");
            writer.WriteString("engine", measurement.Engine);
            writer.WriteString("input", measurement.Input);
            writer.WriteNumber("threads", measurement.Threads);
            writer.WriteNumber("repetitions", measurement.Repetitions);
            writer.WriteNumber("wholeStepSeconds", measurement.WholeStepSeconds);
            writer.WriteNumber("peakMemoryBytes", measurement.PeakMemoryBytes);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    /// <param name="stream">The JSON; must know its length.</param>
    /// <param name="source">What to call it in error messages.</param>
    /// <exception cref="InvalidInputException">Every fault found.</exception>
    public static Profile Read(Stream stream, string source)
    {
        if (stream.Length > LargestBytes)
            throw new InvalidInputException(source, "is too large for a profile");
        try
        {
            using JsonDocument document = JsonDocument.Parse(stream, new JsonDocumentOptions { MaxDepth = 8 });
            List<Fault> faults = [];
            Profile profile = Read(document.RootElement, source, faults);
            return faults.Count == 0 ? profile : throw new InvalidInputException(faults);
        }
        catch (JsonException broken)
        {
            throw new InvalidInputException(source, "is not whole JSON: " + broken.Message);
        }
    }

    private static Profile Read(JsonElement root, string source, List<Fault> faults)
    {
        double batch = Number(root, "batchSize", source, faults);
        if (faults.Count == 0 && (batch < 1 || batch > int.MaxValue || batch != Math.Floor(batch)))
            faults.Add(new Fault($"{source}: batchSize", "is not a whole number from 1"));
        List<BlockCost> blocks = [];
        if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("blocks", out JsonElement list)
            && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0)
        {
            foreach (JsonElement block in list.EnumerateArray())
            {
                string where = $"{source}: blocks[{blocks.Count}]";
                blocks.Add(new BlockCost(
                    Text(block, "name", where, faults), Number(block, "forwardSeconds", where, faults),
                    Number(block, "backwardSeconds", where, faults), Number(block, "stepSeconds", where, faults))
                {
                    Spread = block.ValueKind == JsonValueKind.Object && block.TryGetProperty("spread", out _) ? Number(block, "spread", where, faults) : null,
                });
            }
        }
        else
        {
            faults.Add(new Fault($"{source}: blocks", "is missing or empty", "list the cost of every block"));
        }

        bool isEstimate = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("isEstimate", out JsonElement estimate)
            && estimate.ValueKind == JsonValueKind.True;
        return new Profile(
            Text(root, "network", source, faults), Text(root, "machine", source, faults), isEstimate, (int)Math.Clamp(batch, 1, int.MaxValue), [.. blocks]);
    }

    private static string Text(JsonElement element, string key, string where, List<Fault> faults)
    {
        if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.String)
            return value.GetString() ?? "";
        faults.Add(new Fault($"{where}.{key}", "is missing or not a string"));
        return "";
    }

    private static double Number(JsonElement element, string key, string where, List<Fault> faults)
    {
        if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.Number
            && value.TryGetDouble(out double number) && double.IsFinite(number) && number >= 0)
        {
            return number;
        }

        faults.Add(new Fault($"{where}.{key}", "is missing or not a finite number from 0"));
        return 1;
    }
}
