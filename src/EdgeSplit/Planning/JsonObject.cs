using System.Text.Json;

namespace EdgeSplit.Planning;

/// <summary>One JSON object, key by key: known keys once each, others passed over, values of the wrong kind a fault with their path.</summary>
/// <param name="tokens">At the object's first token.</param>
/// <param name="faults">Where faults go.</param>
/// <param name="path">The object's path.</param>
/// <param name="prefix">What comes before its keys in theirs.</param>
internal sealed class JsonObject(JsonTokens tokens, FaultList faults, string path, string prefix)
{
    private readonly HashSet<string> seen = [];
    private bool isBegun;
    private string key = "";

    /// <summary>The next key, at its value; null at the object's end, and at once where there is no object.</summary>
    /// <param name="known">The keys to stop at; every key where there are none.</param>
    public string? Next(params ReadOnlySpan<string> known)
    {
        if (!isBegun && !Begin())
            return null;
        while (tokens.Next() == JsonTokenType.PropertyName)
        {
            key = tokens.Text;
            tokens.Next();
            if (known.IsEmpty)
                return key;
            if (!known.Contains(key))
                tokens.Skip();
            else if (seen.Add(key))
                return key;
            else
                Refuse("is there twice", "write it once");
        }

        return null;
    }

    /// <summary>The value as a string; null, and a fault, for another.</summary>
    public string? String()
    {
        if (tokens.Type == JsonTokenType.String)
            return tokens.Text;
        Refuse("is not a string");
        return null;
    }

    /// <summary>The value as a finite number; null, and a fault, for another.</summary>
    public double? Number()
    {
        if (tokens.Type == JsonTokenType.Number && double.IsFinite(tokens.Number))
            return tokens.Number;
        Refuse(tokens.Type == JsonTokenType.Number ? "is too large a number" : "is not a number");
        return null;
    }

    private bool Begin()
    {
        isBegun = true;
        if (tokens.Type == JsonTokenType.StartObject)
            return true;
        faults.Add(path, "is not an object");
        tokens.Skip();
        return false;
    }

    private void Refuse(string problem, string? remedy = null)
    {
        faults.Add(prefix + key, problem, remedy);
        tokens.Skip();
    }
}
