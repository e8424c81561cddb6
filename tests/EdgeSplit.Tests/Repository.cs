namespace EdgeSplit.Tests;

/// <summary>The checkout the tests were built from: examples, data and sources lie there.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "EdgeSplit.slnx")))
                return folder.FullName;
        }

        throw new InvalidOperationException("The tests run from inside a checkout.");
    }
}
