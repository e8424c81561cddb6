using EdgeSplit.Experiments;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Planning.Policies;
using EdgeSplit.Simulation.Methods;
using EdgeSplit.Tests.Loopback;
using EdgeSplit.Training;
using EdgeSplit.Wire;

namespace EdgeSplit.Tests.Experiments;

/// <summary>What a run claims of its rounds is what its method's clock says, with the shares that go with it.</summary>
public class MethodTimingTests
{
    private const double UplinkBits = 20e6, DownlinkBits = 40e6, OwnUplinkBits = 5e6;

    [Theory]
    [InlineData("split")]
    [InlineData("splitfed-v2")]
    [InlineData("psl")]
    public async Task A_method_with_turns_or_barriers_claims_what_its_clock_says(string method)
    {
        PreparedExperiment prepared = await PrepareAsync(method);
        PlannedRound round = ExperimentPlan.Of(prepared, isOneMachine: true, TimeProvider.System).Decide(1, [0, 1, 2]);

        MethodTime time = MethodClocks.Of(method).Time(CostsOf(prepared), new FixedCutPolicy(2));
        Assert.Equal(time.RoundSeconds, round.RoundSeconds!.Value, 12);
        Assert.Equal(round.RoundSeconds, round.Decision!.RoundSeconds);
        Assert.True(round.RoundSeconds > time.Plan!.LowerBoundSeconds);
    }

    [Fact]
    public async Task In_a_relay_each_device_has_the_whole_link_as_far_as_its_own_reaches()
    {
        PlannedRound round = ExperimentPlan.Of(await PrepareAsync("split"), isOneMachine: true, TimeProvider.System).Decide(1, [0, 1, 2]);
        Assert.Equal(
            [new LinkShare(UplinkBits, DownlinkBits), new LinkShare(UplinkBits, DownlinkBits), new LinkShare(OwnUplinkBits, DownlinkBits)],
            round.Assignments.Select(one => one.Share));
        Assert.Equal(OwnUplinkBits, round.Decision!.Devices[2].Shares!["uplink"]);
    }

    [Theory]
    [InlineData("psl")]
    [InlineData("splitfed-v2")]
    [InlineData("splitfed-v1")]
    public async Task Side_by_side_they_share_it(string method)
    {
        PlannedRound round = ExperimentPlan.Of(await PrepareAsync(method), isOneMachine: true, TimeProvider.System).Decide(1, [0, 1, 2]);
        Assert.InRange(round.Assignments.Sum(one => one.Share!.UplinkBitsPerSecond), 0.99 * UplinkBits, UplinkBits * (1 + 1e-9));
    }

    private static ProblemBuilder CostsOf(PreparedExperiment prepared) => new(
        prepared.Network,
        FleetCosts.Of(prepared.Experiment, prepared.Network, prepared.Samples),
        FleetCosts.WorkOf(prepared.Experiment.Training));

    private static Task<PreparedExperiment> PrepareAsync(string method) => LoopbackFleet.PrepareAsync($$"""
        name: timing
        model: lenet5
        data: { source: synthetic, shape: 1x28x28, classes: 10, trainSamples: 300, testSamples: 10 }
        training: { method: {{method}}, rounds: 1, localSteps: 3, batch: 8, cut: 2 }
        fleet:
          bandwidth: { uplink: 20 Mbps, downlink: 40 Mbps }
          server: { class: laptop, lanes: 2 }
          devices:
            - { name: camera, count: 2, class: raspberry-pi-4 }
            - { name: hub, class: jetson-nano, uplink: 5 Mbps }
        """);
}
