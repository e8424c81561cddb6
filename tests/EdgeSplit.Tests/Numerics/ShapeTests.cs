using EdgeSplit.Numerics;

namespace EdgeSplit.Tests.Numerics;

public class ShapeTests
{
    [Theory]
    [InlineData("3x32x32", new[] { 3, 32, 32 })]
    [InlineData("784", new[] { 784 })]
    public void Text_parses_and_prints_back(string text, int[] extents)
    {
        Assert.True(Shape.TryParse(text, out Shape shape));
        Assert.Equal(new Shape(extents), shape);
        Assert.Equal(text, shape.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("3x")]
    [InlineData("3x-1")]
    [InlineData("3x0")]
    [InlineData("3 x 2")]
    [InlineData("99999999999")]
    public void Anything_else_is_refused(string text) => Assert.False(Shape.TryParse(text, out _));

    [Fact]
    public void An_element_count_beyond_64_bits_is_an_error_not_a_small_number() =>
        Assert.Throws<OverflowException>(() => new Shape(int.MaxValue, int.MaxValue, int.MaxValue).ElementCount);
}
