using EdgeSplit.Numerics;

namespace EdgeSplit.Wire;

/// <summary>Pauses between attempts: doubling from a quarter of a second to ten, each drawn from its upper half.</summary>
internal sealed class Backoff(SeededRandom random)
{
    private const double FirstSeconds = 0.25;
    private const double LongestSeconds = 10;

    private double seconds = FirstSeconds;

    public TimeSpan Next()
    {
        double pause = seconds * (0.5 + (0.5 * random.NextDouble()));
        seconds = Math.Min(2 * seconds, LongestSeconds);
        return TimeSpan.FromSeconds(pause);
    }

    /// <summary>An attempt succeeded.</summary>
    public void Reset() => seconds = FirstSeconds;
}
