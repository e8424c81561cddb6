namespace EdgeSplit.Tests;

public class ReadableTimeTests
{
    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(7.82413, "7.8241 s")]
    [InlineData(120, "120 s")]
    [InlineData(120.4, "2 min")]
    [InlineData(160.6611, "2 min 41 s")]
    [InlineData(1735.6, "28 min 56 s")]
    [InlineData(3599.4, "59 min 59 s")]
    [InlineData(3599.6, "1 h")]
    [InlineData(86_399, "1 d")]
    [InlineData(129_990.4077, "1 d 12 h")]
    [InlineData(864_000, "10 d")]
    [InlineData(1e100, "1.16e+95 d")]
    public void Seconds_become_the_units_that_people_count_in(double seconds, string expected) => Assert.Equal(expected, ReadableTime.Of(seconds));
}
