using System.Security.Cryptography;
using System.Text.Json;
using EdgeSplit.Wire.Security;

namespace EdgeSplit.Server.Security;

/// <summary>Enrolled devices as JSON: <c>{ "version": 1, "devices": [ { "name", "sha256", "enrolled" } ] }</c>.</summary>
internal static class TokenStoreFile
{
    private const string Version = "1";

    /// <summary>A device is about 150 bytes.</summary>
    private const long LargestBytes = 64 << 20;

    private static readonly JsonWriterOptions Options = new() { Indented = true };

    public static void Write(IEnumerable<EnrolledDevice> devices, string path) => AtomicFile.Write(
        path,
        stream =>
        {
            using Utf8JsonWriter json = new(stream, Options);
            json.WriteStartObject();
            json.WritePropertyName("version");
            json.WriteRawValue(Version);
            json.WriteStartArray("devices");
            foreach (EnrolledDevice device in devices)
            {
                json.WriteStartObject();
                json.WriteString("name", device.Name);
                json.WriteString("sha256", Convert.ToHexStringLower(device.TokenHash));
                json.WriteString("enrolled", device.Enrolled);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        },
        mode: AtomicFile.Private);

    /// <summary>None where there is no file.</summary>
    /// <exception cref="InvalidInputException">The file cannot be read, or is not a store.</exception>
    public static IReadOnlyList<EnrolledDevice> Read(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            if (stream.Length > LargestBytes)
                throw new InvalidInputException(path, "is too large for a token store");
            using JsonDocument document = JsonDocument.Parse(stream, new JsonDocumentOptions { MaxDepth = 4 });
            return Devices(document.RootElement, path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException(path, exception.Message, "give a token store with --store FILE");
        }
        catch (JsonException broken)
        {
            throw new InvalidInputException(path, "is not a token store: " + broken.Message, "restore it, or enrol the devices into a new one");
        }
    }

    private static List<EnrolledDevice> Devices(JsonElement root, string path)
    {
        List<Fault> faults = [];
        List<EnrolledDevice> devices = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        if (root.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty("version", out JsonElement version) || version.GetRawText() != Version
            || !root.TryGetProperty("devices", out JsonElement list) || list.ValueKind != JsonValueKind.Array)
        {
            throw new InvalidInputException(path, $"is not a token store of version {Version}", "give the file that 'edgesplit enroll' wrote");
        }

        foreach (JsonElement entry in list.EnumerateArray())
        {
            if (Device(entry) is not { } device)
                faults.Add(new Fault($"{path}: devices[{devices.Count + faults.Count}]", "is not a name, a SHA-256 and a time"));
            else if (!names.Add(device.Name))
                faults.Add(new Fault($"{path}: devices[{devices.Count + faults.Count}]", $"a device before it is called '{device.Name}' too"));
            else
                devices.Add(device);
        }

        return faults.Count == 0 ? devices : throw new InvalidInputException(faults);
    }

    private static EnrolledDevice? Device(JsonElement entry)
    {
        byte[] hash = new byte[SHA256.HashSizeInBytes];
        return Text(entry, "name") is { } name && DeviceName.ProblemOf(name) is null
            && Text(entry, "sha256") is { } hex && hex.Length == 2 * hash.Length
            && Convert.FromHexString(hex, hash, out _, out _) == System.Buffers.OperationStatus.Done
            && entry.TryGetProperty("enrolled", out JsonElement time)
            && time.ValueKind == JsonValueKind.String && time.TryGetDateTimeOffset(out DateTimeOffset enrolled)
                ? new EnrolledDevice(name, hash, enrolled)
                : null;
    }

    private static string? Text(JsonElement entry, string key) =>
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
