using System.Text;
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
        string[] lines = ReadLines(path);
        List<RunEvent> events = [];
        for (int index = 0; index < lines.Length; index++)
        {
            if (!string.IsNullOrWhiteSpace(lines[index]))
                events.Add(Parse(lines[index], path, index + 1));
        }

        return events;
    }

    /// <summary>As <see cref="Read"/>, of a file that a power failure may have left in any state: what cannot be read is left out.</summary>
    internal static IReadOnlyList<RunEvent> ReadSound(string path)
    {
        List<RunEvent> events = [];
        if (!File.Exists(path))
            return events;
        foreach (string line in ReadLines(path))
        {
            try
            {
                events.Add(Parse(line, path, events.Count + 1));
            }
            catch (InvalidInputException)
            {
                // Zeros, or half a line.
            }
        }

        return events;
    }

    /// <summary>The bytes of a file that tell of the run's start; null where it does not begin with that.</summary>
    internal static long? LengthOfStart(string path) =>
        File.Exists(path) && ReadLines(path) is [var first, ..] && ReadSound(path) is [RunStarted, ..] ? Encoding.UTF8.GetByteCount(first) + 1 : null;

    /// <summary>The whole lines of a file.</summary>
    private static string[] ReadLines(string path)
    {
        try
        {
            return File.ReadAllText(path).Split('\n')[..^1];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException(path, "the events cannot be read: " + exception.Message);
        }
    }

    internal static RunEvent Parse(string line, string path, int number)
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
