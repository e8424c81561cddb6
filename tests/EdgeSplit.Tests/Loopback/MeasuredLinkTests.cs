using EdgeSplit.Planning.Costs;
using EdgeSplit.Server;
using EdgeSplit.Wire;

namespace EdgeSplit.Tests.Loopback;

/// <summary>Which rates a link is planned with.</summary>
public class MeasuredLinkTests
{
    [Fact]
    public void A_link_of_which_the_file_says_nothing_is_planned_with_nearly_all_it_carries() =>
        Assert.Equal(new LinkSpec(0.95 * 8e6, 0.95 * 20e6, 0.004), Planned(double.PositiveInfinity, double.PositiveInfinity, new LinkMeasurement(8e6, 20e6, 0.004)));

    [Fact]
    public void A_link_that_carries_what_the_file_says_is_as_it_says() =>
        Assert.Equal(new LinkSpec(8e6, 20e6, 0.005), Planned(8e6, 20e6, new LinkMeasurement(7.9e6, 900e6, 0.004)));

    [Fact]
    public void A_link_that_carries_less_than_the_file_says_is_planned_with_nearly_what_it_does() =>
        Assert.Equal(new LinkSpec(0.95 * 6e6, 20e6, 0.006), Planned(8e6, 20e6, new LinkMeasurement(6e6, 19.99e6, 0.006)));

    private static LinkSpec Planned(double up, double down, LinkMeasurement measured) => NetworkPlan.Narrower(new LinkSpec(up, down, 0.005 * (double.IsFinite(up) ? 1 : 0)), measured);
}
