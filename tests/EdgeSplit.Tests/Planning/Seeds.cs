using System.Globalization;

namespace EdgeSplit.Tests.Planning;

/// <summary>Seeds of random problems: as many as take seconds, or <c>EDGESPLIT_SEEDS_TIMES</c> as many.</summary>
internal static class Seeds
{
    private static readonly int Times =
        int.TryParse(Environment.GetEnvironmentVariable("EDGESPLIT_SEEDS_TIMES"), NumberStyles.None, CultureInfo.InvariantCulture, out int times) ? times : 1;

    public static IEnumerable<ulong> First(int usual)
    {
        for (ulong seed = 0; seed < (ulong)usual * (ulong)Times; seed++)
            yield return seed;
    }
}
