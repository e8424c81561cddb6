using EdgeSplit.Models.Layers;
using EdgeSplit.Numerics;

namespace EdgeSplit.Tests.Models.Layers;

public class PoolingTests
{
    /// <summary>Rows are what torch 1.13's max_pool2d answered; 0 where it refused.</summary>
    [Theory]
    [InlineData(5, 2, 5, 0, true, 1)]
    [InlineData(7, 4, 4, 2, false, 2)]
    [InlineData(14, 1, 4, 0, true, 4)]
    [InlineData(8, 5, 1, 2, true, 8)]
    [InlineData(6, 2, 5, 0, true, 2)]
    [InlineData(7, 1, 6, 0, true, 2)]
    [InlineData(9, 4, 6, 0, true, 2)]
    [InlineData(4, 4, 4, 2, true, 2)]
    [InlineData(5, 6, 2, 3, false, 3)]
    [InlineData(2, 4, 5, 2, true, 1)]
    [InlineData(12, 6, 3, 0, true, 3)]
    [InlineData(9, 6, 6, 3, false, 2)]
    [InlineData(5, 6, 2, 2, true, 3)]
    [InlineData(10, 4, 5, 1, false, 2)]
    [InlineData(13, 4, 2, 2, true, 8)]
    [InlineData(9, 6, 2, 2, false, 4)]
    [InlineData(2, 6, 6, 2, true, 1)]
    [InlineData(9, 5, 1, 0, false, 5)]
    [InlineData(8, 3, 4, 0, true, 2)]
    [InlineData(11, 6, 5, 3, true, 3)]
    [InlineData(13, 5, 2, 0, true, 5)]
    [InlineData(9, 5, 2, 1, true, 4)]
    [InlineData(5, 5, 3, 1, true, 2)]
    [InlineData(7, 5, 6, 0, false, 1)]
    [InlineData(9, 6, 5, 1, false, 2)]
    [InlineData(8, 2, 4, 0, false, 2)]
    [InlineData(9, 5, 5, 0, true, 2)]
    [InlineData(1, 3, 4, 1, true, 1)]
    [InlineData(8, 5, 5, 1, true, 2)]
    [InlineData(9, 2, 6, 0, true, 2)]
    [InlineData(1, 1, 5, 0, false, 1)]
    [InlineData(14, 6, 1, 0, true, 9)]
    [InlineData(5, 1, 3, 0, true, 2)]
    [InlineData(5, 5, 2, 1, true, 2)]
    [InlineData(11, 2, 3, 0, true, 4)]
    [InlineData(12, 6, 3, 3, true, 5)]
    [InlineData(5, 4, 1, 0, true, 2)]
    [InlineData(2, 4, 2, 1, true, 1)]
    [InlineData(10, 6, 5, 1, true, 3)]
    [InlineData(7, 1, 2, 0, true, 4)]
    [InlineData(1, 2, 2, 0, true, 1)]
    [InlineData(2, 4, 2, 0, false, 0)]
    [InlineData(2, 4, 2, 0, true, 0)]
    [InlineData(2, 4, 3, 0, true, 1)]
    [InlineData(1, 5, 2, 1, true, 0)]
    [InlineData(1, 5, 3, 1, true, 1)]
    [InlineData(3, 6, 2, 1, false, 0)]
    public void Windows_are_counted_as_torch_counts_them(int extent, int kernel, int stride, int padding, bool ceilMode, int expected)
    {
        MaxPool2d pooling = new(kernel) { Stride = stride, Padding = padding, CeilMode = ceilMode };
        Shape input = new(2, extent, extent);
        if (expected == 0)
            Assert.Throws<LayerShapeException>(() => pooling.OutputShape(input));
        else
            Assert.Equal(new Shape(2, expected, expected), pooling.OutputShape(input));
    }
}
