using System.Numerics;
using System.Runtime.InteropServices;
using EdgeSplit.Numerics;

namespace EdgeSplit.Compute;

/// <summary>
/// Which elements a dropout layer keeps in one step. An element's fate is a hash of the step, the layer's place in the
/// network and the element's index: neither the cut, nor the engine, nor what was drawn before has a part in it.
/// </summary>
public static class DropoutMask
{
    private const ulong Purpose = 0x64726F706F757400; // "dropout"

    /// <summary>
    /// Fills <paramref name="mask"/> with 0 at probability <paramref name="probability"/> and 1/(1−p) elsewhere.
    /// </summary>
    /// <param name="mask">One value per element of the layer's input, row-major, batch first.</param>
    /// <param name="probability">In [0, 1]; of 1, all is 0.</param>
    /// <param name="key">The step.</param>
    /// <param name="block">The block's number, from 1.</param>
    /// <param name="layer">The layer's ordinal in its block, nested layers counted depth first, from 0.</param>
    public static void Fill(Span<float> mask, double probability, StepKey key, int block, int layer)
    {
        ulong stream = SeededRandom.KeyOf(
            key.Seed, Purpose, (ulong)key.Device, (ulong)key.Round, (ulong)key.Step, (ulong)block, (ulong)layer);
        uint first = (uint)stream, second = (uint)(stream >> 32);
        // Kept are hashes from the threshold up: 2^32·(1−p) of 2^32.
        ulong threshold = (ulong)(probability * (1UL << 32));
        if (threshold > uint.MaxValue)
        {
            mask.Clear();
            return;
        }

        float scale = (float)(1 / (1 - probability));
        int index = 0;
        Span<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(mask);
        Vector<uint> counters = Vector<uint>.Indices + new Vector<uint>(first);
        foreach (ref Vector<float> vector in vectors)
        {
            Vector<uint> kept = Vector.GreaterThanOrEqual(Hash(counters, second), new Vector<uint>((uint)threshold));
            vector = Vector.BitwiseAnd(Vector.AsVectorSingle(kept), new Vector<float>(scale));
            counters += new Vector<uint>((uint)Vector<uint>.Count);
            index += Vector<float>.Count;
        }

        for (; index < mask.Length; index++)
            mask[index] = Hash((uint)index + first, second) >= (uint)threshold ? scale : 0;
    }

    /// <summary>Wellons' <c>lowbias32</c>, with the key's other half mixed in between.</summary>
    private static uint Hash(uint counter, uint key)
    {
        counter = (counter ^ (counter >> 16)) * 0x7FEB352D;
        counter = ((counter ^ (counter >> 15)) ^ key) * 0x846CA68B;
        return counter ^ (counter >> 16);
    }

    private static Vector<uint> Hash(Vector<uint> counter, uint key)
    {
        counter = (counter ^ (counter >>> 16)) * new Vector<uint>(0x7FEB352D);
        counter = (counter ^ (counter >>> 15) ^ new Vector<uint>(key)) * new Vector<uint>(0x846CA68B);
        return counter ^ (counter >>> 16);
    }
}
