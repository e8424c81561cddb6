using System.Text.Json;

namespace EdgeSplit.Planning;

/// <summary>What a <see cref="ProblemReader"/> has read so far, and the checks of single values.</summary>
internal sealed class ProblemFields
{
    private readonly FaultList early = new();
    private ProblemDraft? draft;
    private bool isBroken;

    public IReadOnlyList<Resource>? Resources { get; private set; }

    /// <summary>Whether so much is wrong that what follows need only be read past.</summary>
    public bool IsHopeless => draft?.IsHopeless ?? early.IsFull;

    public bool HasReadDevices { get; set; }

    /// <summary>The problem being put together; there once the resources are.</summary>
    public ProblemDraft Draft => draft!;

    public void SetResources(IReadOnlyList<Resource> resources)
    {
        Resources = resources;
        draft = new ProblemDraft(resources);
        draft.AddFaults(early);
    }

    public int FindResource(string name)
    {
        for (int index = 0; index < Resources!.Count; index++)
        {
            if (Resources[index].Name == name)
                return index;
        }

        return -1;
    }

    public void AddFault(string where, string problem, string? remedy = null)
    {
        if (draft is not null)
            draft.AddFault(where, problem, remedy);
        else
            early.Add(where, problem, remedy);
    }

    public void AddBroken(string source, JsonException broken)
    {
        isBroken = true;
        (string where, string what) = JsonTokens.Describe(source, broken);
        AddFault(where, what);
    }

    public Problem ToProblem()
    {
        if (!isBroken)
        {
            if (draft is null && !early.Has(fault => fault.Where is "resources" or "$"))
                AddFault("resources", "is missing", "list what the devices share");
            if (!HasReadDevices && draft is null && !early.Has(fault => fault.Where == "$"))
                AddFault("devices", "cannot be judged without resources");
        }

        if (draft is null)
            throw new InvalidInputException(early.ToFaults());
        return isBroken ? throw new InvalidInputException(draft.Faults()) : draft.ToProblem();
    }

    public bool IsObject(JsonTokens tokens, string where)
    {
        if (tokens.Type == JsonTokenType.StartObject)
            return true;
        AddFault(where, "is not an object");
        tokens.Skip();
        return false;
    }

    public bool IsList(JsonTokens tokens, string where)
    {
        if (tokens.Type == JsonTokenType.StartArray)
            return true;
        AddFault(where, "is not a list");
        tokens.Skip();
        return false;
    }

    public string? String(JsonTokens tokens, string where)
    {
        if (tokens.Type == JsonTokenType.String)
            return tokens.Text;
        AddFault(where, "is not a string");
        tokens.Skip();
        return null;
    }

    /// <summary>The number; null, and a fault, for what is none.</summary>
    public double? Number(JsonTokens tokens, Path where)
    {
        if (tokens.Type == JsonTokenType.Number && double.IsFinite(tokens.Number))
            return tokens.Number;
        AddFault(where.ToString(), tokens.Type == JsonTokenType.Number ? "is too large a number" : "is not a number");
        tokens.Skip();
        return null;
    }

    /// <summary>Whether a known key is there for the first time in its object; a fault where it is not.</summary>
    /// <param name="seen">A bit for each key met; 0 at the object's start.</param>
    /// <param name="known">The object's keys.</param>
    /// <param name="where">The key's path.</param>
    public bool IsFirst(ref int seen, string[] known, Path where)
    {
        int index = Array.IndexOf(known, where.Text);
        if (index < 0)
            return true;
        bool isFirst = (seen & (1 << index)) == 0;
        seen |= 1 << index;
        if (!isFirst)
            AddFault(where.ToString(), "is there twice", "write it once");
        return isFirst;
    }

    /// <summary>A key that is not known but nearly one: a fault. Others are passed over.</summary>
    public void CheckKey(string prefix, string key, IReadOnlyList<string> known)
    {
        if (NearestName.Of(key, known) is { } meant)
            AddFault(prefix + key, "is not a key here", $"did you mean '{meant}'?");
    }

    /// <summary>A path put together only where it is needed.</summary>
    internal readonly record struct Path(string Text, int Device = -1, int Cut = -1)
    {
        /// <summary>What comes before <see cref="Text"/>.</summary>
        public string? Prefix { get; init; }

        /// <summary>A key below <see cref="Text"/>.</summary>
        public string? Leaf { get; init; }

        public static implicit operator Path(string text) => new(text);

        public override string ToString() =>
            Prefix + (Device >= 0 ? $"devices[{Device}]." : "") + (Cut >= 0 ? $"cuts[{Cut}]." : "") + Text + (Leaf is null ? "" : "." + Leaf);
    }
}
