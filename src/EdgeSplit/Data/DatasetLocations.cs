namespace EdgeSplit.Data;

/// <summary>Where named data sets are looked for, and where downloads go.</summary>
/// <param name="Folders">Searched in this order, before the cache: each for a folder named as the set, then for its files.</param>
/// <param name="Cache">The user's cache; downloads are written to a folder in it named as the set.</param>
public sealed record DatasetLocations(IReadOnlyList<string> Folders, string Cache)
{
    /// <summary>The environment variable that names a folder of data sets.</summary>
    public const string Variable = "EDGESPLIT_DATA";

    /// <summary>
    /// <paramref name="dataDir"/>, then <c>EDGESPLIT_DATA</c>, then every <c>data</c> folder that holds a known set in or above the
    /// working folder and the program's own. The cache is the platform's (<c>XDG_CACHE_HOME</c>, <c>~/Library/Caches</c>, the local
    /// application data), in <c>edgesplit/data</c>.
    /// </summary>
    /// <param name="dataDir">What <c>--data-dir</c> says; null where it is not given.</param>
    /// <exception cref="InvalidInputException"><paramref name="dataDir"/> is not a folder.</exception>
    public static DatasetLocations Find(string? dataDir) =>
        Find(dataDir, Environment.GetEnvironmentVariable, [Directory.GetCurrentDirectory(), AppContext.BaseDirectory]);

    internal static DatasetLocations Find(string? dataDir, Func<string, string?> environment, IEnumerable<string> starts)
    {
        List<string> folders = [];
        if (dataDir is not null)
        {
            folders.Add(Directory.Exists(dataDir)
                ? Path.GetFullPath(dataDir)
                : throw new InvalidInputException(
                    "--data-dir", $"there is no folder '{dataDir}'", "name the folder that holds the data sets"));
        }

        if (environment(Variable) is { Length: > 0 } variable)
            folders.Add(Path.GetFullPath(variable));
        foreach (string start in starts)
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            {
                string data = Path.Combine(folder.FullName, "data");
                if (NamedDataset.All.Any(set => Directory.Exists(Path.Combine(data, set.Name))))
                    folders.Add(data);
            }
        }

        return new DatasetLocations([.. folders.Distinct()], Path.Combine(
            UserCache.In(environment, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile)), "data"));
    }
}
