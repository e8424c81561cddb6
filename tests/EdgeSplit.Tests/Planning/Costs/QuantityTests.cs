using CsCheck;
using EdgeSplit.Planning.Costs;

namespace EdgeSplit.Tests.Planning.Costs;

public class QuantityTests
{
    [Theory]
    [InlineData("20 Mbps", 20e6)]
    [InlineData("20Mbps", 20e6)]
    [InlineData("2.5 MB/s", 20e6)]
    [InlineData("1 Gbit/s", 1e9)]
    public void A_rate_is_bits_per_second(string text, double expected)
    {
        Assert.True(Quantity.Rate.TryParse(text, out double rate));
        Assert.Equal(expected, rate);
    }

    [Theory]
    [InlineData("512 MiB", 536870912)]
    [InlineData("1.5 GB", 1.5e9)]
    [InlineData("0 B", 0)]
    public void A_size_is_bytes(string text, double expected)
    {
        Assert.True(Quantity.Size.TryParse(text, out double bytes));
        Assert.Equal(expected, bytes);
    }

    [Theory]
    [InlineData("5 ms", 0.005)]
    [InlineData("2 min", 120)]
    public void A_time_is_seconds(string text, double expected)
    {
        Assert.True(Quantity.Time.TryParse(text, out double seconds));
        Assert.Equal(expected, seconds);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("20")]
    [InlineData("20 mbps")]
    [InlineData("20  Mbps")]
    [InlineData("-20 Mbps")]
    [InlineData("2e1 Mbps")]
    [InlineData("1.2.3 Mbps")]
    [InlineData(". Mbps")]
    [InlineData("0 Mbps")]
    [InlineData("20 MiB")]
    [InlineData("20 Mbps ")]
    public void Anything_else_is_no_rate(string? text) => Assert.False(Quantity.Rate.TryParse(text, out _));

    [Fact]
    public void What_is_written_reads_back_as_the_same_number() => Gen.Select(Gen.Double[1, 1e15], Gen.Int[0, 3]).Sample((drawn, digits) =>
    {
        double value = digits == 3 ? drawn : Math.Round(drawn, digits);
        foreach (Quantity kind in new[] { Quantity.Rate, Quantity.Size, Quantity.Time })
            Assert.True(value == 0 || (kind.TryParse(kind.Write(value), out double read) && read == value), kind.Write(value));
    });

    [Fact]
    public void The_form_that_is_read_most_easily_is_written()
    {
        Assert.Equal("20 Mbps", Quantity.Rate.Write(20e6));
        Assert.Equal("40 Mbps", Quantity.Rate.Write(40e6));
        Assert.Equal("1 Gbps", Quantity.Rate.Write(1e9));
        Assert.Equal("512 MiB", Quantity.Size.Write(512 << 20));
        Assert.Equal("5 ms", Quantity.Time.Write(0.005));
    }
}
