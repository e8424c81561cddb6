namespace EdgeSplit.Wire.Security;

/// <summary>What a device is called: in the fleet, in the token store, in what it says of itself.</summary>
public static class DeviceName
{
    /// <summary>In UTF-16 code units.</summary>
    public const int MaximumLength = Handshake.LongestName;

    /// <summary>What keeps a text from being a name; null for a name.</summary>
    public static string? ProblemOf(string text) => text switch
    {
        { Length: 0 } => "the name is empty",
        { Length: > MaximumLength } => $"the name has {text.Length} characters, more than {MaximumLength}",
        _ when text.Any(char.IsControl) => "the name holds a line end or another control character",
        _ => null,
    };
}
