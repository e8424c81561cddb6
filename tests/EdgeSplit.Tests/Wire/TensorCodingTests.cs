using EdgeSplit.Numerics;
using EdgeSplit.Wire;

namespace EdgeSplit.Tests.Wire;

public class TensorCodingTests
{
    private static readonly float[] Specials =
    [
        0f, -0f, 1f, -1f, float.Epsilon, float.MaxValue, float.MinValue, float.PositiveInfinity, float.NegativeInfinity, float.NaN,
        65504f, 65519.996f, 65520f, 5.9604645e-8f, 2.9802322e-8f, 2.9802326e-8f, 6.1035156e-5f, 6.097555e-5f, 1.0004883f, 1.0014648f,
    ];

    [Fact]
    public void Float16_rounds_as_the_runtime_does()
    {
        float[] values = [.. Specials, .. AnyBits(1 << 16)];
        ushort[] encoded = new ushort[values.Length];
        TensorCoding.Encode(values, encoded, TensorEncoding.Float16);
        for (int index = 0; index < values.Length; index++)
        {
            Half received = BitConverter.UInt16BitsToHalf(encoded[index]);
            if (float.IsNaN(values[index]))
                Assert.True(Half.IsNaN(received));
            else
                Assert.Equal(BitConverter.HalfToUInt16Bits((Half)values[index]), encoded[index]);
        }
    }

    [Fact]
    public void Bfloat16_is_the_nearest_there_is_ties_to_even()
    {
        float[] values = [.. Specials, .. AnyBits(1 << 16)];
        ushort[] encoded = new ushort[values.Length];
        TensorCoding.Encode(values, encoded, TensorEncoding.BFloat16);
        for (int index = 0; index < values.Length; index++)
        {
            float received = Widened(encoded[index]);
            if (float.IsNaN(values[index]))
            {
                Assert.True(float.IsNaN(received));
                continue;
            }

            uint bits = BitConverter.SingleToUInt32Bits(values[index]);
            (ushort below, ushort above) = ((ushort)(bits >> 16), (ushort)((bits >> 16) + 1));
            int toAbove = (int)(bits & 0xFFFF) - 0x8000;
            ushort nearest = toAbove > 0 || (toAbove == 0 && (below & 1) == 1) ? above : below;
            Assert.Equal(nearest, encoded[index]);
        }
    }

    [Theory]
    [InlineData(TensorEncoding.Float16)]
    [InlineData(TensorEncoding.BFloat16)]
    public void Every_narrow_value_survives_the_way_there_and_back(TensorEncoding encoding)
    {
        ushort[] all = [.. Enumerable.Range(0, 1 << 16).Select(bits => (ushort)bits)];
        float[] decoded = new float[all.Length];
        ushort[] again = new ushort[all.Length];
        TensorCoding.Decode(all, decoded, encoding);
        TensorCoding.Encode(decoded, again, encoding);
        for (int bits = 0; bits < all.Length; bits++)
        {
            float expected = encoding == TensorEncoding.Float16 ? (float)BitConverter.UInt16BitsToHalf((ushort)bits) : Widened((ushort)bits);
            Assert.Equal(float.IsNaN(expected), float.IsNaN(decoded[bits]));
            if (float.IsNaN(expected))
                continue;
            Assert.Equal(BitConverter.SingleToUInt32Bits(expected), BitConverter.SingleToUInt32Bits(decoded[bits]));
            Assert.Equal(bits, again[bits]);
        }
    }

    [Theory]
    [InlineData(TensorEncoding.Float16)]
    [InlineData(TensorEncoding.BFloat16)]
    public void A_value_is_coded_alike_wherever_it_stands(TensorEncoding encoding)
    {
        float[] values = [.. AnyBits(67)];
        ushort[] whole = new ushort[values.Length];
        TensorCoding.Encode(values, whole, encoding);
        for (int index = 0; index < values.Length; index++)
        {
            ushort[] alone = new ushort[1];
            TensorCoding.Encode(values.AsSpan(index, 1), alone, encoding);
            Assert.Equal(whole[index], alone[0]);
        }
    }

    [Fact]
    public void The_planner_knows_what_each_encoding_saves() =>
        Assert.Equal([1, 0.5, 0.5], Enum.GetValues<TensorEncoding>().Select(encoding => encoding.Ratio()));

    private static float Widened(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    private static IEnumerable<float> AnyBits(int count)
    {
        SeededRandom random = new(3);
        return Enumerable.Range(0, count).Select(_ => BitConverter.UInt32BitsToSingle((uint)random.NextBits()));
    }
}
