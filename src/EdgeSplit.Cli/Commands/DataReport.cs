using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeSplit.Data;
using EdgeSplit.Experiments;

namespace EdgeSplit.Cli.Commands;

/// <summary>A partition, for people and for programs.</summary>
internal static class DataReport
{
    private const int MostDevices = 20;
    private const int MostClasses = 20;
    private const string Bars = "▁▂▃▄▅▆▇█";

    /// <summary>A line a device: samples, a bar a class, and the classes that make up most of it.</summary>
    public static string Text(Experiment experiment, DataSplit data, PartitionSummary summary, bool all)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{data.Name}: {data.Train.Count} training samples of shape {data.Train.SampleShape} in {data.Train.Classes} classes, {data.Test.Count} test samples\n\n");
        bool hasBars = data.Train.Classes <= MostClasses;
        int width = Math.Max("device".Length, experiment.Devices.Max(device => device.Name.Length));
        string bars = hasBars ? "classes".PadRight(Math.Max("classes".Length, data.Train.Classes)) + "  " : "";
        text.Append(CultureInfo.InvariantCulture, $"{"device".PadRight(width)}  samples  {bars}most of them\n");
        int shown = all ? summary.Devices.Count : Math.Min(MostDevices, summary.Devices.Count);
        for (int index = 0; index < shown; index++)
            AppendDevice(text, experiment.Devices[index].Name.PadRight(width), summary.Devices[index], summary.ClassNames, hasBars);
        if (shown < summary.Devices.Count)
            text.Append(CultureInfo.InvariantCulture, $"... and {summary.Devices.Count - shown} more; --all shows them\n");

        int[] sizes = [.. summary.Devices.Select(device => device.Samples).Order()];
        text.Append(CultureInfo.InvariantCulture, $"\n{sizes.Length} devices hold {summary.Samples} samples: {sizes[0]} to {sizes[^1]} each, median {sizes[sizes.Length / 2]}\n");
        if (hasBars)
            text.Append(CultureInfo.InvariantCulture, $"classes, left to right: {string.Join(", ", summary.ClassNames)}\n");
        return text.ToString();
    }

    public static string Json(Experiment experiment, DataSplit data, PartitionSummary summary)
    {
        using MemoryStream stream = new();
        JsonWriterOptions options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (Utf8JsonWriter json = new(stream, options))
        {
            json.WriteStartObject();
            json.WriteString("data", data.Name);
            json.WriteString("shape", data.Train.SampleShape.ToString());
            json.WriteNumber("trainSamples", data.Train.Count);
            json.WriteNumber("testSamples", data.Test.Count);
            json.WriteStartArray("classes");
            foreach (string name in summary.ClassNames)
                json.WriteStringValue(name);
            json.WriteEndArray();
            json.WriteStartArray("devices");
            foreach ((DeviceSamples device, DeviceConfig config) in summary.Devices.Zip(experiment.Devices))
            {
                json.WriteStartObject();
                json.WriteString("name", config.Name);
                json.WriteNumber("samples", device.Samples);
                json.WriteStartArray("classHistogram");
                foreach (int count in device.ClassHistogram)
                    json.WriteNumberValue(count);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void AppendDevice(StringBuilder text, string name, DeviceSamples device, IReadOnlyList<string> classes, bool hasBars)
    {
        int most = Math.Max(1, device.ClassHistogram.Max());
        string bars = hasBars ? string.Concat(device.ClassHistogram.Select(count => Bar(count, most))).PadRight("classes".Length) + "  " : "";
        IEnumerable<string> largest = device.ClassHistogram
            .Select((count, index) => (Count: count, Name: classes[index]))
            .Where(entry => entry.Count > 0)
            .OrderByDescending(entry => entry.Count)
            .Take(3)
            .Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Name} {100.0 * entry.Count / Math.Max(1, device.Samples):0} %"));
        text.Append(CultureInfo.InvariantCulture, $"{name}  {device.Samples,7}  {bars}{string.Join(", ", largest)}\n");
    }

    /// <summary>A full block for the device's largest class; a dot for a class it has nothing of.</summary>
    private static char Bar(int count, int most) => count == 0 ? '·' : Bars[Math.Min(Bars.Length - 1, count * Bars.Length / (most + 1))];
}
