using System.Net;
using EdgeSplit.Server.Security;
using EdgeSplit.Tests.Training;

namespace EdgeSplit.Tests.Security;

public class FailureLimitTests
{
    private static readonly IPAddress Address = IPAddress.Parse("192.0.2.1");

    private readonly ManualClock clock = new();

    [Fact]
    public void Each_address_is_counted_by_itself_and_minute_by_minute()
    {
        FailureLimit limit = new(clock);
        Assert.Equal([1, 2, 1, 3], [limit.Note(Address), limit.Note(Address), limit.Note(IPAddress.Parse("192.0.2.2")), limit.Note(Address)]);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, limit.Note(Address));
    }

    [Fact]
    public void More_addresses_than_are_told_apart_share_one_count()
    {
        FailureLimit limit = new(clock);
        Assert.All(Enumerable.Range(0, FailureLimit.Addresses), number => Assert.Equal(1, limit.Note(new IPAddress(number + 1L))));
        Assert.Equal([1, 2, 3], Enumerable.Range(0, 3).Select(number => limit.Note(new IPAddress(0x1_0000L + number))));
    }
}
