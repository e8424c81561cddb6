using EdgeSplit.Numerics;

namespace EdgeSplit.Tests.Numerics;

public class PortableMathTests
{
    private const int Trials = 300_000;

    [Fact]
    public void Log_is_within_2_ulp_over_every_exponent()
    {
        var random = new SeededRandom(11);
        for (int trial = 0; trial < Trials; trial++)
        {
            double x = BitConverter.UInt64BitsToDouble(random.NextBits() & 0x7FFF_FFFF_FFFF_FFFF);
            if (double.IsFinite(x))
                AssertClose(Math.Log(x), PortableMath.Log(x), x);
        }
    }

    [Fact]
    public void Log_is_within_2_ulp_near_one_where_it_vanishes()
    {
        var random = new SeededRandom(12);
        for (int trial = 0; trial < Trials; trial++)
        {
            double x = 0.5 + (1.5 * random.NextDouble());
            double nearer = 1 + ((random.NextDouble() - 0.5) * 1e-6);
            AssertClose(Math.Log(x), PortableMath.Log(x), x);
            AssertClose(Math.Log(nearer), PortableMath.Log(nearer), nearer);
        }
    }

    [Fact]
    public void Exp_is_within_2_ulp_over_its_range_and_near_zero()
    {
        var random = new SeededRandom(13);
        for (int trial = 0; trial < Trials; trial++)
        {
            double wide = (random.NextDouble() * 1454.8) - 745.1;
            double near = (random.NextDouble() - 0.5) * Math.ScaleB(1, -random.NextInt(60));
            AssertClose(Math.Exp(wide), PortableMath.Exp(wide), wide);
            AssertClose(Math.Exp(near), PortableMath.Exp(near), near);
        }
    }

    [Fact]
    public void Ends_of_the_range_are_exact()
    {
        Assert.Equal(0, PortableMath.Log(1));
        Assert.Equal(double.NegativeInfinity, PortableMath.Log(0));
        Assert.Equal(double.PositiveInfinity, PortableMath.Log(double.PositiveInfinity));
        Assert.All([PortableMath.Log(-1), PortableMath.Log(double.NaN), PortableMath.Exp(double.NaN)], value => Assert.True(double.IsNaN(value)));
        Assert.Equal(1, PortableMath.Exp(0));
        Assert.Equal(0, PortableMath.Exp(double.NegativeInfinity));
        Assert.Equal(double.PositiveInfinity, PortableMath.Exp(double.PositiveInfinity));
        AssertClose(Math.Log(double.Epsilon), PortableMath.Log(double.Epsilon), double.Epsilon);
    }

    private static void AssertClose(double expected, double actual, double x)
    {
        long apart = Math.Abs(BitConverter.DoubleToInt64Bits(expected) - BitConverter.DoubleToInt64Bits(actual));
        Assert.True(apart <= 2, $"at {x:R}: {actual:R} is {apart} ulp from {expected:R}");
    }
}
