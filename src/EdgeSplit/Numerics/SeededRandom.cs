using System.Numerics;

namespace EdgeSplit.Numerics;

/// <summary>
/// xoshiro256** (Blackman &amp; Vigna 2018), keyed by a seed and any number of stream words. The same key gives the same
/// numbers on every platform and version: integers only, and floating point only where IEEE 754 fixes every bit.
/// </summary>
public sealed class SeededRandom
{
    private ulong s0, s1, s2, s3;

    /// <param name="seed">The experiment's seed.</param>
    /// <param name="stream">What the numbers are for: a constant per purpose, then device, round, step, ...</param>
    public SeededRandom(ulong seed, params ReadOnlySpan<ulong> stream)
    {
        ulong state = KeyOf(seed, stream);
        s0 = SplitMix(ref state);
        s1 = SplitMix(ref state);
        s2 = SplitMix(ref state);
        s3 = SplitMix(ref state);
    }

    /// <summary>A 64-bit key of a seed and stream words, each mixed through SplitMix64's finaliser.</summary>
    public static ulong KeyOf(ulong seed, params ReadOnlySpan<ulong> stream)
    {
        ulong key = Mix(seed + 0x9E3779B97F4A7C15);
        foreach (ulong word in stream)
            key = Mix(key ^ Mix(word + 0x9E3779B97F4A7C15));
        return key;
    }

    /// <summary>SplitMix64's finaliser: a bijection in which every input bit reaches every output bit.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    /// <summary>64 uniform bits.</summary>
    public ulong NextBits()
    {
        ulong result = BitOperations.RotateLeft(s1 * 5, 7) * 9;
        ulong t = s1 << 17;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= t;
        s3 = BitOperations.RotateLeft(s3, 45);
        return result;
    }

    /// <summary>A whole number in [0, <paramref name="exclusiveMaximum"/>), without bias (Lemire 2019).</summary>
    public int NextInt(int exclusiveMaximum)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(exclusiveMaximum);
        ulong range = (ulong)exclusiveMaximum;
        ulong product = (NextBits() >> 32) * range;
        if ((uint)product < range)
        {
            uint threshold = (uint)((0x1_0000_0000UL - range) % range);
            while ((uint)product < threshold)
                product = (NextBits() >> 32) * range;
        }

        return (int)(product >> 32);
    }

    /// <summary>A multiple of 2^-53, uniform in [0, 1).</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Standard normal, by Marsaglia's polar method on <see cref="PortableMath"/>.</summary>
    public double NextGaussian()
    {
        while (true)
        {
            double u = (2 * NextDouble()) - 1;
            double v = (2 * NextDouble()) - 1;
            double s = (u * u) + (v * v);
            if (s is > 0 and < 1)
                return u * Math.Sqrt(-2 * PortableMath.Log(s) / s);
        }
    }

    /// <summary>Puts the items in uniformly random order (Fisher–Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int last = items.Length - 1; last > 0; last--)
        {
            int other = NextInt(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    private static ulong SplitMix(ref ulong state) => Mix(state += 0x9E3779B97F4A7C15);
}
