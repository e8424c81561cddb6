using System.Numerics;
using System.Runtime.InteropServices;

namespace EdgeSplit.Wire;

/// <summary>float32 to and from the narrower types of <see cref="TensorEncoding"/>, a vector at a time, rounded to nearest even.</summary>
internal static class TensorCoding
{
    private const uint Infinity = 0x7F80_0000;
    private const uint Magnitude = 0x7FFF_FFFF;

    /// <summary>Fills <paramref name="target"/> with as many elements as <paramref name="source"/> has.</summary>
    public static void Encode(ReadOnlySpan<float> source, Span<ushort> target, TensorEncoding encoding)
    {
        int lanes = Vector<ushort>.Count;
        int index = 0;
        for (; index + lanes <= source.Length; index += lanes)
            EncodeVector(source[index..], target[index..], encoding);
        if (index == source.Length)
            return;
        Span<float> lastSource = stackalloc float[lanes];
        Span<ushort> lastTarget = stackalloc ushort[lanes];
        source[index..].CopyTo(lastSource);
        EncodeVector(lastSource, lastTarget, encoding);
        lastTarget[..(source.Length - index)].CopyTo(target[index..]);
    }

    /// <summary>Fills <paramref name="target"/> with as many elements as <paramref name="source"/> has.</summary>
    public static void Decode(ReadOnlySpan<ushort> source, Span<float> target, TensorEncoding encoding)
    {
        int lanes = Vector<ushort>.Count;
        int index = 0;
        for (; index + lanes <= source.Length; index += lanes)
            DecodeVector(source[index..], target[index..], encoding);
        if (index == source.Length)
            return;
        Span<ushort> lastSource = stackalloc ushort[lanes];
        Span<float> lastTarget = stackalloc float[lanes];
        source[index..].CopyTo(lastSource);
        DecodeVector(lastSource, lastTarget, encoding);
        lastTarget[..(source.Length - index)].CopyTo(target[index..]);
    }

    /// <summary>Rounds values to what is left of them after the way there and back.</summary>
    public static void Round(Span<float> values, TensorEncoding encoding)
    {
        Span<ushort> narrow = stackalloc ushort[1024];
        for (int done = 0; done < values.Length; done += narrow.Length)
        {
            Span<float> piece = values.Slice(done, Math.Min(narrow.Length, values.Length - done));
            Encode(piece, narrow, encoding);
            Decode(narrow[..piece.Length], piece, encoding);
        }
    }

    private static void EncodeVector(ReadOnlySpan<float> source, Span<ushort> target, TensorEncoding encoding)
    {
        ReadOnlySpan<uint> bits = MemoryMarshal.Cast<float, uint>(source);
        Vector<uint> low = new(bits);
        Vector<uint> high = new(bits[Vector<uint>.Count..]);
        Vector<ushort> narrow = encoding == TensorEncoding.BFloat16
            ? Vector.Narrow(ToBFloat16(low), ToBFloat16(high))
            : Vector.Narrow(ToFloat16(low), ToFloat16(high));
        narrow.CopyTo(target);
    }

    private static void DecodeVector(ReadOnlySpan<ushort> source, Span<float> target, TensorEncoding encoding)
    {
        Vector.Widen(new Vector<ushort>(source), out Vector<uint> low, out Vector<uint> high);
        Span<uint> bits = MemoryMarshal.Cast<float, uint>(target);
        bool isBFloat16 = encoding == TensorEncoding.BFloat16;
        (isBFloat16 ? low << 16 : FromFloat16(low)).CopyTo(bits);
        (isBFloat16 ? high << 16 : FromFloat16(high)).CopyTo(bits[Vector<uint>.Count..]);
    }

    private static Vector<uint> ToBFloat16(Vector<uint> bits)
    {
        Vector<uint> rounded = (bits + new Vector<uint>(0x7FFF) + ((bits >> 16) & Vector<uint>.One)) >> 16;
        // Rounding could carry a NaN into infinity: it is cut instead, and kept quiet.
        Vector<uint> quiet = (bits >> 16) | new Vector<uint>(0x40);
        return Vector.ConditionalSelect(Vector.GreaterThan(bits & new Vector<uint>(Magnitude), new Vector<uint>(Infinity)), quiet, rounded);
    }

    /// <summary>After Giesen's <c>float_to_half_fast3_rtne</c>: an addition rounds what becomes subnormal.</summary>
    private static Vector<uint> ToFloat16(Vector<uint> bits)
    {
        const uint Overflow = (127 + 16) << 23;
        const uint Subnormal = 113 << 23;
        Vector<uint> subnormalMagic = new(((127 - 15) + (23 - 10) + 1) << 23);
        Vector<uint> magnitude = bits & new Vector<uint>(Magnitude);
        Vector<uint> sign = (bits >> 16) & new Vector<uint>(0x8000);

        Vector<uint> normal = (magnitude + new Vector<uint>(unchecked((uint)(15 - 127) << 23) + 0xFFF)
            + ((magnitude >> 13) & Vector<uint>.One)) >> 13;
        Vector<uint> subnormal =
            Vector.AsVectorUInt32(Vector.AsVectorSingle(magnitude) + Vector.AsVectorSingle(subnormalMagic)) - subnormalMagic;
        Vector<uint> special = Vector.ConditionalSelect(
            Vector.GreaterThan(magnitude, new Vector<uint>(Infinity)), new Vector<uint>(0x7E00), new Vector<uint>(0x7C00));

        Vector<uint> finite = Vector.ConditionalSelect(Vector.LessThan(magnitude, new Vector<uint>(Subnormal)), subnormal, normal);
        return sign | Vector.ConditionalSelect(Vector.GreaterThanOrEqual(magnitude, new Vector<uint>(Overflow)), special, finite);
    }

    /// <summary>After Giesen's <c>half_to_float_fast5</c>: a subtraction normalises what was subnormal.</summary>
    private static Vector<uint> FromFloat16(Vector<uint> half)
    {
        Vector<uint> exponentMask = new(0x7C00 << 13);
        Vector<uint> subnormalMagic = new(113 << 23);
        Vector<uint> shifted = (half & new Vector<uint>(0x7FFF)) << 13;
        Vector<uint> exponent = shifted & exponentMask;
        Vector<uint> normal = shifted + new Vector<uint>((127 - 15) << 23);
        Vector<uint> special = normal + new Vector<uint>((128 - 16) << 23);
        Vector<uint> subnormal = Vector.AsVectorUInt32(
            Vector.AsVectorSingle(normal + new Vector<uint>(1 << 23)) - Vector.AsVectorSingle(subnormalMagic));
        Vector<uint> finite = Vector.ConditionalSelect(Vector.Equals(exponent, Vector<uint>.Zero), subnormal, normal);
        return Vector.ConditionalSelect(Vector.Equals(exponent, exponentMask), special, finite) | ((half & new Vector<uint>(0x8000)) << 16);
    }
}
