using EdgeSplit.Tests.Torch;
using EdgeSplit.Training;

namespace EdgeSplit.Tests.Links;

/// <summary>Training over links that the kernel limits, between hosts that reach each other by nothing else.</summary>
[Collection(TorchCollection.Name)]
public sealed class LimitedLinkTests
{
    private const string Small = """
        name: limited
        seed: 4
        model: lenet5
        data: { source: fashion-mnist, trainSamples: 600, testSamples: 50 }
        training: { rounds: 2, localSteps: 3, batch: 16, optimizer: { kind: sgd, momentum: 0.9 }, learningRate: 0.02 }
        fleet:
          bandwidth: { uplink: 100 Mbps, downlink: 100 Mbps }
          devices: [{ name: slow, cut: 1 }, { name: middle, cut: 2 }, { name: fast, cut: 5 }]
        """;

    private static readonly (string Name, double Mbps)[] Links = [("slow", 8), ("middle", 20), ("fast", 40)];

    [Fact]
    public async Task Links_of_three_rates_are_measured_planned_with_and_trained_over_to_the_weights_of_one_process()
    {
        await using LabFleet fleet = new(Small);
        await fleet.StartServerAsync();
        foreach ((string name, double mbps) in Links)
            await fleet.StartDeviceAsync(name, mbps, mbps);
        byte[] model = await fleet.FinishAsync();

        Assert.Equal(await fleet.TrainAloneAsync(), model);
        foreach ((string name, double mbps) in Links)
        {
            (double up, double down) = fleet.MeasuredMbpsOf(name);
            // A busy machine may take a link for slower than it is, and no machine for faster.
            Assert.InRange(up, 0.1 * mbps, mbps);
            Assert.InRange(down, 0.1 * mbps, mbps);
            PlannedDevice planned = fleet.PlanOf(name);
            Assert.InRange(planned.Shares!["uplink"], 1, mbps * 1e6);
            Assert.InRange(planned.Shares!["downlink"], 1, mbps * 1e6);
        }

        Assert.Equal([1, 2], fleet.Events.OfType<RoundFinished>().Select(round => round.Round));
        Assert.DoesNotContain(fleet.Events, happened => happened is DeviceLost or DeviceLeftOut);
    }
}
