using System.CommandLine;

namespace EdgeSplit.Cli;

internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        RootCommand root = new("Parallel split learning: one network, trained by an edge server and many unequal devices.");
        return await root.Parse(arguments).InvokeAsync().ConfigureAwait(false);
    }
}
