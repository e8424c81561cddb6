using EdgeSplit.Models;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Numerics;
using EdgeSplit.Planning.Costs;

namespace EdgeSplit.Tests.Planning.Costs;

public class FleetDoubtsTests
{
    private static readonly Network LeNet = new(ModelZoo.Create("lenet5", new Shape(1, 28, 28), 10));

    [Theory]
    [InlineData(0.2, 0)]
    [InlineData(0.5, 0)]
    [InlineData(7.15, 1)]
    public void A_profile_whose_times_scatter_is_doubted(double spread, int doubts)
    {
        IReadOnlyList<string> told = FleetDoubts.Of(FleetOf(Measured(spread), Measured(0.1)));
        Assert.Equal(doubts, told.Count);
        Assert.All(told, doubt => Assert.Contains("d0: the times of its profile of lenet5 spread by 715 % of their median", doubt, StringComparison.Ordinal));
    }

    [Fact]
    public void A_block_that_takes_no_time_does_not_spoil_a_profile()
    {
        Profile profile = Measured(0.1);
        BlockCost first = profile.Blocks[0] with { ForwardSeconds = 1e-9, BackwardSeconds = 0, StepSeconds = 0, Spread = 7.15 };
        Assert.Empty(FleetDoubts.Of(FleetOf(profile with { Blocks = profile.Blocks.SetItem(0, first) }, Measured(0.1))));
    }

    [Fact]
    public void Estimates_beside_measurements_are_doubted_and_either_alone_is_not()
    {
        Profile estimate = DeviceClass.Parse("laptop", "").Estimate(LeNet, 32);
        Assert.Contains(
            "the costs of d0 are estimates by class and those of the server are measured",
            Assert.Single(FleetDoubts.Of(FleetOf(estimate, Measured(0.1)))), StringComparison.Ordinal);
        Assert.Empty(FleetDoubts.Of(FleetOf(estimate, estimate)));
        Assert.Empty(FleetDoubts.Of(FleetOf(Measured(0.1), Measured(0.1))));
    }

    [Fact]
    public void The_spread_is_read_back_from_a_file()
    {
        using MemoryStream stream = new();
        ProfileFile.Write(Measured(7.15), stream);
        stream.Position = 0;
        Assert.Equal(7.15, ProfileFile.Read(stream, "p").Spread!.Value, 9);
    }

    private static Profile Measured(double spread) => new(
        "lenet5", "here", IsEstimate: false, 32, [.. LeNet.Blocks.Select(block => new BlockCost(block.Name, 0.01, 0.02, 0.001) { Spread = spread })]);

    private static Fleet FleetOf(Profile device, Profile server) => new(
        [new FleetDevice("d0", device, double.PositiveInfinity, new LinkSpec(double.PositiveInfinity, double.PositiveInfinity, 0), 100)],
        new FleetServer(server, 1, new SharedBandwidth.Pool(1e8)));
}
