using System.Globalization;
using System.Text;
using System.Text.Json;
using EdgeSplit.Models;
using EdgeSplit.Models.Layers;

namespace EdgeSplit.Cli.Commands;

/// <summary>One network, a row a block.</summary>
internal static class NetworkReport
{
    private const int WidestLayers = 44;

    public static void WriteText(Network network, TextWriter output)
    {
        NetworkTotals totals = NetworkTotals.Of(network);
        output.WriteLine($"{network.Spec.Name}: {network.Length} blocks, input {network.Spec.Input}, {network.Spec.Classes} classes, "
            + $"{HumanUnits.Count(totals.Parameters)} parameters ({HumanUnits.Bytes(totals.WeightBytes)} of weights)");
        output.WriteLine($"one sample: {HumanUnits.Flops(totals.ForwardFlops)} forward, {HumanUnits.Flops(totals.BackwardFlops)} backward");
        output.WriteLine();
        TextTable table = new(
            ["cut", "name", "layers", "output", "parameters", "forward", "backward", "smashed/sample", "weights to cut"], textColumns: 4);
        long weights = 0;
        foreach (NetworkBlock block in network.Blocks)
        {
            weights += NetworkTotals.WeightBytesOf(block);
            string layers = string.Join(' ', block.Layers.Select(layer => layer.Kind));
            table.Add(
                block.Number.ToString(CultureInfo.InvariantCulture),
                block.Name,
                layers.Length <= WidestLayers ? layers : layers[..(WidestLayers - 3)] + "...",
                block.OutputShape.ToString(),
                HumanUnits.Count(NetworkTotals.TrainableIn(block)),
                HumanUnits.Flops(block.ForwardFlops),
                HumanUnits.Flops(block.BackwardFlops),
                HumanUnits.Bytes(block.OutputBytes),
                HumanUnits.Bytes(weights));
        }

        table.Write(output);
        output.WriteLine();
        output.WriteLine($"Cut c runs blocks 1..c on the device; cut {network.Length} is full local.");
        output.WriteLine("FLOPs are of one sample; a multiply-add is two.");
    }

    public static void WriteJson(Network network, TextWriter output)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Indented = true }))
            WriteJson(network, json);
        output.WriteLine(Encoding.UTF8.GetString(buffer.ToArray()));
    }

    private static void WriteJson(Network network, Utf8JsonWriter json)
    {
        NetworkTotals totals = NetworkTotals.Of(network);
        json.WriteStartObject();
        json.WriteString("model", network.Spec.Name);
        WriteExtents(json, "input", network.Spec.Input.Dimensions);
        json.WriteNumber("classes", network.Spec.Classes);
        json.WriteNumber("parameters", totals.Parameters);
        json.WriteNumber("forwardFlops", totals.ForwardFlops);
        json.WriteNumber("backwardFlops", totals.BackwardFlops);
        json.WriteStartArray("blocks");
        long weights = 0;
        foreach (NetworkBlock block in network.Blocks)
        {
            weights += NetworkTotals.WeightBytesOf(block);
            json.WriteStartObject();
            json.WriteNumber("cut", block.Number);
            json.WriteString("name", block.Name);
            json.WriteStartArray("layers");
            foreach (Layer layer in block.Layers)
                json.WriteStringValue(layer.Kind);
            json.WriteEndArray();
            WriteExtents(json, "outputShape", block.OutputShape.Dimensions);
            json.WriteNumber("parameters", NetworkTotals.TrainableIn(block));
            json.WriteNumber("parameterBytes", block.ParameterBytes);
            json.WriteNumber("bufferBytes", block.BufferBytes);
            json.WriteNumber("forwardFlops", block.ForwardFlops);
            json.WriteNumber("backwardFlops", block.BackwardFlops);
            json.WriteNumber("smashedBytes", block.OutputBytes);
            json.WriteNumber("storedActivationBytes", block.StoredActivationBytes);
            json.WriteNumber("cumulativeWeightBytes", weights);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteExtents(Utf8JsonWriter json, string key, IEnumerable<int> extents)
    {
        json.WriteStartArray(key);
        foreach (int extent in extents)
            json.WriteNumberValue(extent);
        json.WriteEndArray();
    }
}
