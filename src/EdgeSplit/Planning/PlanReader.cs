using System.Text.Json;

namespace EdgeSplit.Planning;

/// <summary>
/// Reads a plan from the JSON that <see cref="PlanWriter"/> writes, for the problem it was made for. Times are taken as claimed, and so is
/// the bound: <see cref="PlanChecker"/> judges them. What does not fit the problem is named by its path, all at once.
/// </summary>
public static class PlanReader
{
    /// <param name="problem">What the plan is for.</param>
    /// <param name="path">The file; error messages name it where they have no path inside it.</param>
    /// <exception cref="InvalidInputException">Every fault found.</exception>
    public static Plan ReadFile(Problem problem, string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return Read(problem, stream, path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new InvalidInputException(path, "cannot be read: " + FileTrouble.Describe(exception));
        }
    }

    /// <param name="problem">What the plan is for.</param>
    /// <param name="stream">UTF-8 JSON.</param>
    /// <param name="source">What to call it in error messages.</param>
    /// <exception cref="InvalidInputException">Every fault found.</exception>
    public static Plan Read(Problem problem, Stream stream, string source)
    {
        PlanFields fields = new(problem);
        try
        {
            JsonTokens tokens = new(stream);
            ReadDocument(tokens, fields);
            while (tokens.Read())
                tokens.Skip();
        }
        catch (JsonException broken)
        {
            fields.AddBroken(source, broken);
        }

        return fields.ToPlan();
    }

    private static void ReadDocument(JsonTokens tokens, PlanFields fields)
    {
        tokens.Next();
        JsonObject document = new(tokens, fields.Faults, "$", "");
        while (document.Next("status", "policy", "roundSeconds", "lowerBoundSeconds", "devices", "infeasible") is { } key)
        {
            switch (key)
            {
                case "status":
                    fields.Status = document.String();
                    break;
                case "policy":
                    fields.Policy = document.String();
                    break;
                case "roundSeconds":
                    fields.RoundSeconds = document.Number();
                    break;
                case "lowerBoundSeconds":
                    fields.LowerBoundSeconds = document.Number();
                    break;
                case "devices":
                    ReadList(tokens, fields, key, path => ReadDevice(tokens, fields, path));
                    break;
                default:
                    ReadList(tokens, fields, key, path => ReadInfeasible(tokens, fields, path));
                    break;
            }
        }
    }

    private static void ReadList(JsonTokens tokens, PlanFields fields, string key, Action<string> readItem)
    {
        if (tokens.Type != JsonTokenType.StartArray)
        {
            fields.Faults.Add(key, "is not a list");
            tokens.Skip();
            return;
        }

        for (int index = 0; tokens.Next() != JsonTokenType.EndArray; index++)
            readItem(FormattableString.Invariant($"{key}[{index}]"));
    }

    private static void ReadDevice(JsonTokens tokens, PlanFields fields, string path)
    {
        string? name = null;
        double? cut = null;
        double? seconds = null;
        Dictionary<string, double> shares = [];
        JsonObject device = new(tokens, fields.Faults, path, path + ".");
        while (device.Next("name", "cut", "shares", "roundSeconds") is { } key)
        {
            switch (key)
            {
                case "name":
                    name = device.String();
                    break;
                case "cut":
                    cut = device.Number();
                    break;
                case "roundSeconds":
                    seconds = device.Number();
                    break;
                default:
                    ReadShares(tokens, fields, path + ".shares", shares);
                    break;
            }
        }

        fields.AddDevice(path, name, cut, shares, seconds);
    }

    private static void ReadShares(JsonTokens tokens, PlanFields fields, string path, Dictionary<string, double> shares)
    {
        JsonObject amounts = new(tokens, fields.Faults, path, path + ".");
        while (amounts.Next() is { } resource)
        {
            if (amounts.Number() is { } amount && !shares.TryAdd(resource, amount))
                fields.Faults.Add($"{path}.{resource}", "is there twice", "write it once");
        }
    }

    private static void ReadInfeasible(JsonTokens tokens, PlanFields fields, string path)
    {
        string? name = null;
        string? reason = null;
        JsonObject device = new(tokens, fields.Faults, path, path + ".");
        while (device.Next("device", "reason") is { } key)
        {
            if (key == "device")
                name = device.String();
            else
                reason = device.String();
        }

        fields.AddInfeasible(path, name, reason);
    }
}
