using EdgeSplit.Numerics;

namespace EdgeSplit.Training;

/// <summary>Which devices take part in a round.</summary>
public static class Participation
{
    private const ulong Purpose = 0x70617274; // "part"

    /// <summary>A seeded draw without replacement of <paramref name="fraction"/> of the devices, at least one; in fleet order.</summary>
    public static int[] Draw(IReadOnlyList<int> devices, double fraction, ulong seed, int round)
    {
        int[] order = [.. devices];
        int count = Math.Clamp((int)Math.Round(fraction * order.Length), 1, order.Length);
        if (count == order.Length)
            return order;
        new SeededRandom(seed, Purpose, (ulong)round).Shuffle<int>(order);
        int[] drawn = order[..count];
        Array.Sort(drawn);
        return drawn;
    }
}
