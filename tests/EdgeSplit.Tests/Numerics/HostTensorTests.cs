using EdgeSplit.Numerics;

namespace EdgeSplit.Tests.Numerics;

public class HostTensorTests
{
    [Fact]
    public void Any_element_that_is_no_finite_number_is_found()
    {
        for (int length = 1; length <= 40; length++)
        {
            float[] values = [.. Enumerable.Range(0, length).Select(index => index % 2 == 0 ? float.MaxValue : -float.Epsilon)];
            Assert.True(HostTensor.From(values, new Shape(length)).IsFinite);
            for (int place = 0; place < length; place++)
            {
                foreach (float wrong in (float[])[float.NaN, -float.NaN, float.PositiveInfinity, float.NegativeInfinity])
                {
                    float[] damaged = [.. values];
                    damaged[place] = wrong;
                    Assert.False(HostTensor.From(damaged, new Shape(length)).IsFinite);
                    double[] wide = [.. damaged];
                    Assert.False(HostTensor.From<double>(ElementType.Float64, wide, new Shape(length)).IsFinite);
                }
            }
        }
    }

    [Fact]
    public void A_counter_is_always_finite() =>
        Assert.True(HostTensor.From<long>(ElementType.Int64, [long.MaxValue, -1], new Shape(2)).IsFinite);
}
