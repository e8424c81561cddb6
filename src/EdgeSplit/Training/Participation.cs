using EdgeSplit.Numerics;

namespace EdgeSplit.Training;

/// <summary>Which devices take part in a round.</summary>
public static class Participation
{
    private const ulong Purpose = 0x70617274; // "part"

    /// <summary>A seeded draw without replacement of <paramref name="fraction"/> of the fleet, at least one; in fleet order.</summary>
    public static int[] Draw(int devices, double fraction, ulong seed, int round)
    {
        int[] fleet = [.. Enumerable.Range(0, devices)];
        int count = Math.Clamp((int)Math.Round(fraction * devices), 1, devices);
        if (count == devices)
            return fleet;
        new SeededRandom(seed, Purpose, (ulong)round).Shuffle<int>(fleet);
        int[] drawn = fleet[..count];
        Array.Sort(drawn);
        return drawn;
    }
}
