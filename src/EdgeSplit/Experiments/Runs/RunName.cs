namespace EdgeSplit.Experiments.Runs;

/// <summary>Folder names that Linux, macOS and Windows all take.</summary>
internal static class RunName
{
    private const int MaximumLength = 64;

    /// <summary>
    /// The name with everything but ASCII letters, digits and <c>_</c> turned into single hyphens, in 64 characters at
    /// most. A number is still to follow, which also keeps it apart from Windows' device names (<c>con</c>, <c>nul</c>).
    /// </summary>
    public static string SafeFor(string name)
    {
        string[] words = new string([.. name.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_' ? letter : '-')])
            .Split('-', StringSplitOptions.RemoveEmptyEntries);
        string safe = string.Join('-', words);
        if (safe.Length > MaximumLength)
            safe = safe[..MaximumLength].TrimEnd('-');
        return safe.Length == 0 ? "run" : safe;
    }
}
