using EdgeSplit.Planning;

namespace EdgeSplit.Cli;

/// <summary>The devices that hold a fleet up: those that take the longest even with all the link to themselves.</summary>
internal static class SlowestDevices
{
    /// <summary>Others as slow as this part of the slowest go with it: without one of two alike, nothing is gained.</summary>
    private const double AsSlow = 0.95;

    /// <summary>Their indices, ascending; empty where that is most of the fleet.</summary>
    public static int[] Of(Problem problem)
    {
        double[] least = [.. Enumerable.Range(0, problem.DeviceCount).Select(device => LeastSeconds(problem, device))];
        double most = least.Max();
        int[] slowest = [.. Enumerable.Range(0, least.Length).Where(device => least[device] >= AsSlow * most)];
        return 2 * slowest.Length <= problem.DeviceCount && most > 0 ? slowest : [];
    }

    /// <summary><c>without weak</c>, <c>without a, b and 3 more</c>.</summary>
    public static string Named(IReadOnlyList<string> names)
    {
        const int Most = 3;
        string some = string.Join(", ", names.Take(Most));
        return names.Count > Most ? $"without {some} and {names.Count - Most} more" : $"without {some}";
    }

    private static double LeastSeconds(Problem problem, int device)
    {
        double least = double.PositiveInfinity;
        for (int option = problem.FirstOption(device); option < problem.FirstOption(device + 1); option++)
        {
            if (problem.IsOffered(device, option))
                least = Math.Min(least, problem.FastestSeconds(device, option));
        }

        return least;
    }
}
