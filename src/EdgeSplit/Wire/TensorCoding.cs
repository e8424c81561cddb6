using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EdgeSplit.Wire;

/// <summary>float32 to and from the narrower types of <see cref="TensorEncoding"/>, a vector at a time, rounded to nearest even.</summary>
internal static class TensorCoding
{
    /// <summary>A narrow type. What is not inlined passes vectors through memory, at half the speed.</summary>
    private interface INarrowType
    {
        /// <summary>The bits of float32 values to those of narrow ones.</summary>
        static abstract Vector<uint> Narrow(Vector<uint> bits);

        /// <summary>The bits of narrow values to those of float32 ones.</summary>
        static abstract Vector<uint> Widen(Vector<uint> bits);
    }

    /// <summary>Fills <paramref name="target"/> with as many elements as <paramref name="source"/> has.</summary>
    public static void Encode(ReadOnlySpan<float> source, Span<ushort> target, TensorEncoding encoding)
    {
        target = target[..source.Length];
        if (encoding == TensorEncoding.BFloat16)
            Encode<BFloat16>(source, target);
        else
            Encode<Float16>(source, target);
    }

    /// <summary>Fills <paramref name="target"/> with as many elements as <paramref name="source"/> has.</summary>
    public static void Decode(ReadOnlySpan<ushort> source, Span<float> target, TensorEncoding encoding)
    {
        target = target[..source.Length];
        if (encoding == TensorEncoding.BFloat16)
            Decode<BFloat16>(source, target);
        else
            Decode<Float16>(source, target);
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

    private static void Encode<TNarrow>(ReadOnlySpan<float> source, Span<ushort> target)
        where TNarrow : struct, INarrowType
    {
        ReadOnlySpan<Vector<uint>> wide = MemoryMarshal.Cast<float, Vector<uint>>(source);
        Span<Vector<ushort>> narrow = MemoryMarshal.Cast<ushort, Vector<ushort>>(target);
        for (int index = 0; index < narrow.Length; index++)
            narrow[index] = Vector.Narrow(TNarrow.Narrow(wide[2 * index]), TNarrow.Narrow(wide[(2 * index) + 1]));

        int done = narrow.Length * Vector<ushort>.Count;
        if (done == source.Length)
            return;
        Span<float> lastSource = stackalloc float[Vector<ushort>.Count];
        Span<ushort> lastTarget = stackalloc ushort[Vector<ushort>.Count];
        source[done..].CopyTo(lastSource);
        Encode<TNarrow>(lastSource, lastTarget);
        lastTarget[..(source.Length - done)].CopyTo(target[done..]);
    }

    private static void Decode<TNarrow>(ReadOnlySpan<ushort> source, Span<float> target)
        where TNarrow : struct, INarrowType
    {
        ReadOnlySpan<Vector<ushort>> narrow = MemoryMarshal.Cast<ushort, Vector<ushort>>(source);
        Span<Vector<uint>> wide = MemoryMarshal.Cast<float, Vector<uint>>(target);
        for (int index = 0; index < narrow.Length; index++)
        {
            Vector.Widen(narrow[index], out Vector<uint> low, out Vector<uint> high);
            wide[2 * index] = TNarrow.Widen(low);
            wide[(2 * index) + 1] = TNarrow.Widen(high);
        }

        int done = narrow.Length * Vector<ushort>.Count;
        if (done == source.Length)
            return;
        Span<ushort> lastSource = stackalloc ushort[Vector<ushort>.Count];
        Span<float> lastTarget = stackalloc float[Vector<ushort>.Count];
        source[done..].CopyTo(lastSource);
        Decode<TNarrow>(lastSource, lastTarget);
        lastTarget[..(source.Length - done)].CopyTo(target[done..]);
    }

    /// <summary>Compares as signed: there is no unsigned comparison of vectors on x64, and without its sign no float is negative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<uint> Select(Vector<int> condition, Vector<uint> yes, Vector<uint> no) =>
        Vector.ConditionalSelect(condition.As<int, uint>(), yes, no);

    private readonly struct BFloat16 : INarrowType
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<uint> Narrow(Vector<uint> bits)
        {
            Vector<uint> rounded = (bits + Vector.Create(0x7FFFu) + ((bits >> 16) & Vector<uint>.One)) >> 16;
            // Rounding could carry a NaN into infinity: it is cut instead, and kept quiet.
            Vector<uint> quiet = (bits >> 16) | Vector.Create(0x40u);
            Vector<float> values = bits.As<uint, float>();
            return Select(Vector.Equals(values, values), rounded, quiet);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<uint> Widen(Vector<uint> bits) => bits << 16;
    }

    private readonly struct Float16 : INarrowType
    {
        private const int Infinity = 0x7F80_0000;
        private const uint Magnitude = 0x7FFF_FFFF;

        /// <summary>After Giesen's <c>float_to_half_fast3_rtne</c>: an addition rounds what becomes subnormal.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<uint> Narrow(Vector<uint> bits)
        {
            const uint Overflow = (127 + 16) << 23;
            const int Subnormal = 113 << 23;
            const uint SubnormalMagic = ((127 - 15) + (23 - 10) + 1) << 23;
            Vector<uint> magnitude = bits & Vector.Create(Magnitude);
            Vector<uint> sign = (bits >> 16) & Vector.Create(0x8000u);
            Vector<int> isNaN = Vector.GreaterThan(magnitude.As<uint, int>(), Vector.Create(Infinity));

            // The power of two after the largest narrow value becomes infinite by itself, and so does what is larger once it is cut to that.
            Vector<uint> finite = Vector.Min(magnitude, Vector.Create(Overflow));
            Vector<uint> normal = (finite + Vector.Create(unchecked((uint)(15 - 127) << 23) + 0xFFF) + ((finite >> 13) & Vector<uint>.One)) >> 13;
            Vector<uint> subnormal =
                (finite.As<uint, float>() + Vector.Create(SubnormalMagic).As<uint, float>()).As<float, uint>() - Vector.Create(SubnormalMagic);
            Vector<uint> rounded = Select(Vector.LessThan(finite.As<uint, int>(), Vector.Create(Subnormal)), subnormal, normal);
            return rounded | sign | (isNaN.As<int, uint>() & Vector.Create(0x0200u));
        }

        /// <summary>After Giesen's <c>half_to_float_fast5</c>: a subtraction normalises what was subnormal.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<uint> Widen(Vector<uint> half)
        {
            const uint SubnormalMagic = 113 << 23;
            Vector<uint> exponentMask = Vector.Create(0x7C00u << 13);
            Vector<uint> shifted = (half & Vector.Create(0x7FFFu)) << 13;
            Vector<uint> exponent = shifted & exponentMask;
            Vector<uint> normal = shifted + Vector.Create((127u - 15) << 23);
            Vector<uint> special = normal + Vector.Create((128u - 16) << 23);
            Vector<uint> subnormal = ((normal + Vector.Create(1u << 23)).As<uint, float>()
                - Vector.Create(SubnormalMagic).As<uint, float>()).As<float, uint>();
            Vector<uint> finite = Vector.ConditionalSelect(Vector.Equals(exponent, Vector<uint>.Zero), subnormal, normal);
            return Vector.ConditionalSelect(Vector.Equals(exponent, exponentMask), special, finite) | ((half & Vector.Create(0x8000u)) << 16);
        }
    }
}
