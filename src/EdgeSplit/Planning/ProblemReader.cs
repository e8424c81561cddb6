using System.Text.Json;

namespace EdgeSplit.Planning;

/// <summary>
/// Reads a problem from JSON, token by token: a file of any size and nesting is refused or read in memory that grows with the
/// problem only. What is wrong is named by its path, all at once; unknown keys are passed over, unless they look like a
/// misspelling.
/// </summary>
public sealed class ProblemReader
{
    private static readonly string[] DocumentKeys = ["resources", "devices"];
    private static readonly string[] ResourceKeys = ["name", "capacity", "sharing"];

    private readonly JsonTokens tokens;
    private readonly ProblemFields fields;

    private ProblemReader(Stream stream, ProblemFields fields)
    {
        tokens = new JsonTokens(stream);
        this.fields = fields;
    }

    /// <param name="path">The file; error messages name it where they have no path inside it.</param>
    /// <exception cref="InvalidInputException">Every fault found.</exception>
    public static Problem ReadFile(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return Read(stream, path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new InvalidInputException(path, "cannot be read: " + FileTrouble.Describe(exception));
        }
    }

    /// <param name="stream">UTF-8 JSON; must seek, because devices may come before the resources they name.</param>
    /// <param name="source">What to call it in error messages.</param>
    /// <exception cref="InvalidInputException">Every fault found.</exception>
    public static Problem Read(Stream stream, string source)
    {
        long start = stream.Position;
        ProblemFields fields = new();
        try
        {
            bool hasDevices = new ProblemReader(stream, fields).ReadDocument(fields.Resources is not null);
            if (hasDevices && !fields.HasReadDevices)
            {
                stream.Position = start;
                new ProblemReader(stream, fields).ReadDocument(isResourcesKnown: true);
            }
        }
        catch (JsonException broken)
        {
            fields.AddBroken(source, broken);
        }

        return fields.ToProblem();
    }

    /// <returns>Whether there was a list of devices, read or passed over.</returns>
    private bool ReadDocument(bool isResourcesKnown)
    {
        bool hasDevices = false;
        if (tokens.Next() != JsonTokenType.StartObject)
        {
            fields.AddFault("$", "the document is not an object", "write { \"resources\": [...], \"devices\": [...] }");
            tokens.Skip();
        }
        else
        {
            int seen = 0;
            while (tokens.Next() == JsonTokenType.PropertyName)
            {
                string key = tokens.Text;
                tokens.Next();
                bool isFirst = isResourcesKnown || fields.IsFirst(ref seen, DocumentKeys, key);
                hasDevices |= key == "devices";
                if (key == "resources" && isFirst && !isResourcesKnown)
                {
                    ReadResources();
                }
                else if (key == "devices" && isFirst && fields.Resources is not null && !fields.HasReadDevices)
                {
                    fields.HasReadDevices = true;
                    new DeviceReader(tokens, fields).ReadDevices();
                }
                else
                {
                    if (!isResourcesKnown && !DocumentKeys.Contains(key))
                        fields.CheckKey("", key, DocumentKeys);
                    tokens.Skip();
                }
            }
        }

        while (tokens.Read())
            tokens.Skip();
        return hasDevices;
    }

    private void ReadResources()
    {
        List<Resource> resources = [];
        if (tokens.Type != JsonTokenType.StartArray)
        {
            fields.AddFault("resources", "is not a list");
            tokens.Skip();
            return;
        }

        while (tokens.Next() != JsonTokenType.EndArray)
        {
            Resource resource = ReadResource($"resources[{resources.Count}]");
            if (!fields.IsHopeless)
                resources.Add(resource);
        }

        fields.SetResources(resources);
    }

    private Resource ReadResource(string where)
    {
        string? name = null;
        double? capacity = null;
        Sharing sharing = Sharing.Reserved;
        if (!fields.IsObject(tokens, where))
            return new Resource(where, 1);
        int seen = 0;
        while (tokens.Next() == JsonTokenType.PropertyName)
        {
            string key = tokens.Text;
            tokens.Next();
            if (!fields.IsFirst(ref seen, ResourceKeys, new(key) { Prefix = where + "." }))
            {
                tokens.Skip();
                continue;
            }

            switch (key)
            {
                case "name":
                    name = fields.String(tokens, $"{where}.name");
                    break;
                case "capacity":
                    capacity = fields.Number(tokens, $"{where}.capacity");
                    break;
                case "sharing":
                    sharing = SharingOf(fields.String(tokens, $"{where}.sharing"), $"{where}.sharing");
                    break;
                default:
                    fields.CheckKey(where + ".", key, ResourceKeys);
                    tokens.Skip();
                    break;
            }
        }

        if (name is null)
            fields.AddFault($"{where}.name", "is missing", "name the resource");
        if (capacity is null)
            fields.AddFault($"{where}.capacity", "is missing", "give its units per second");
        return new Resource(name ?? where, capacity ?? 1, sharing);
    }

    private Sharing SharingOf(string? text, string where)
    {
        if (text is not (null or "reserved" or "work-conserving"))
            fields.AddFault(where, $"'{text}' is not a kind of sharing", "write reserved or work-conserving");
        return text == "work-conserving" ? Sharing.WorkConserving : Sharing.Reserved;
    }
}
