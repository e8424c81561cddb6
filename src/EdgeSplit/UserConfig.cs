namespace EdgeSplit;

/// <summary>The user's own folder for what cannot be made again: token stores, certificates.</summary>
public static class UserConfig
{
    /// <summary>
    /// <c>edgesplit</c> among the user's settings: in <c>XDG_CONFIG_HOME</c> where it is set, in <c>%APPDATA%</c> on Windows, in
    /// <c>~/Library/Application Support</c> on macOS, else in <c>~/.config</c>. Null for a user without a home: secrets do not go
    /// into a folder that others share.
    /// </summary>
    public static string? Folder { get; } = In(
        Environment.GetEnvironmentVariable, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    /// <summary>A file in <see cref="Folder"/>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="option">The option that names another place.</param>
    /// <exception cref="InvalidInputException">The user has no home.</exception>
    public static string PathOf(string name, string option) => Folder is null
        ? throw new InvalidInputException(option, "you have no home folder for it", $"say {option} FILE")
        : Path.Combine(Folder, name);

    internal static string? In(Func<string, string?> environment, string home)
    {
        string root = environment("XDG_CONFIG_HOME") is { } config && Path.IsPathFullyQualified(config) ? config
            : OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData)
            : home.Length == 0 ? ""
            : OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Application Support")
            : Path.Combine(home, ".config");
        return root.Length > 0 ? Path.Combine(root, "edgesplit") : null;
    }
}
