namespace EdgeSplit;

/// <summary>The user's own folder for what can be made again: downloads, patched libraries.</summary>
public static class UserCache
{
    /// <summary>
    /// <c>edgesplit</c> in the platform's cache: <c>XDG_CACHE_HOME</c> where it is set, the local application data on Windows,
    /// <c>~/Library/Caches</c> on macOS, else <c>~/.cache</c>; in the temporary folder for a user without a home. Always a full path.
    /// </summary>
    public static string Folder { get; } = In(
        Environment.GetEnvironmentVariable, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    internal static string In(Func<string, string?> environment, string home)
    {
        string root = environment("XDG_CACHE_HOME") is { } cache && Path.IsPathFullyQualified(cache) ? cache
            : OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : home.Length == 0 ? ""
            : OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Caches")
            : Path.Combine(home, ".cache");
        return Path.Combine(root.Length > 0 ? root : Path.GetTempPath(), "edgesplit");
    }
}
