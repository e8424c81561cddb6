using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeSplit.Training;

namespace EdgeSplit.Experiments.Runs;

/// <summary>Events as JSON lines: one object a line, its <c>event</c> first.</summary>
public static class RunEvents
{
    /// <summary>The event on one line, without a line end. Losses that are no numbers are written as <c>"NaN"</c>.</summary>
    public static string ToLine(RunEvent runEvent) => JsonSerializer.Serialize(runEvent, RunEventJson.Default.RunEvent);

    /// <summary>The events of a file. A last line without its end is one that was being written: it is left out.</summary>
    /// <exception cref="InvalidInputException">The file cannot be read, or a whole line of it is no event.</exception>
    public static IReadOnlyList<RunEvent> Read(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException(path, "the events cannot be read: " + exception.Message);
        }

        string[] lines = text.Split('\n');
        List<RunEvent> events = [];
        for (int index = 0; index < lines.Length - 1; index++)
        {
            if (!string.IsNullOrWhiteSpace(lines[index]))
                events.Add(Parse(lines[index], path, index + 1));
        }

        return events;
    }

    private static RunEvent Parse(string line, string path, int number)
    {
        try
        {
            return JsonSerializer.Deserialize(line, RunEventJson.Default.RunEvent) ?? throw new JsonException("it is null");
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            throw new InvalidInputException(
                $"{path}, line {number}", "this is not an event of a run: " + exception.Message, "point at a run folder written by this version");
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    UseStringEnumConverter = true,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunEvent))]
internal sealed partial class RunEventJson : JsonSerializerContext;
