using System.Globalization;
using EdgeSplit.Tests.Torch;
using EdgeSplit.Training;

namespace EdgeSplit.Tests.Links;

/// <summary>
/// Rounds take what the plan claims, and senders keep to their shares. These are times: they mean something on a machine that does
/// nothing else, so they run only where EDGESPLIT_LINKS is set.
/// </summary>
[Collection(TorchCollection.Name)]
public sealed class LinkTimeTests(ITestOutputHelper output)
{
    private const string Variable = "EDGESPLIT_LINKS";
    private const double Tolerance = 0.10, RateTolerance = 0.05, WindowSeconds = 2;

    /// <summary>Little to compute, much to send: 12.8 MB a step and way.</summary>
    private const string WideModel = """
        name: wide
        input: 1x28x28
        classes: 10
        blocks:
          - { name: wide, layers: [{ kind: conv2d, out-channels: 64, kernel: 1 }, relu] }
          - { name: head, layers: [{ kind: max-pool, kernel: 4 }, flatten, { kind: linear, out-features: classes }] }
        """;

    private const string Wide = """
        name: wide
        seed: 4
        model: { file: wide.yaml }
        data: { source: fashion-mnist, trainSamples: 600, testSamples: 50 }
        training: { rounds: 3, localSteps: 1, batch: 64, learningRate: 0.02 }
        fleet:
          bandwidth: BANDWIDTH
          devices: [{ name: slow, cut: 1, class: raspberry-pi-4LINK0 }, { name: middle, cut: 1, class: raspberry-pi-4LINK1 }, { name: fast, cut: 1, class: raspberry-pi-4LINK2 }]
        """;

    private static readonly string[] Names = ["slow", "middle", "fast"];

    /// <summary>Each device's own link is limited by the kernel.</summary>
    [Fact]
    public Task Over_unequal_links_rounds_take_what_is_claimed_and_senders_keep_to_their_shares() =>
        RunAsync("{ uplink: 60 Mbps, downlink: 60 Mbps }", own: [8, 20, 40], isPlayed: false, shared: null);

    /// <summary>What the devices share is the server's own cable.</summary>
    [Fact]
    public Task Over_one_bottleneck_rounds_take_what_is_claimed_and_senders_keep_to_their_shares() =>
        RunAsync("{ uplink: 28 Mbps, downlink: 28 Mbps }", own: [null, null, null], isPlayed: false, shared: 30);

    /// <summary>No link is limited: devices play theirs.</summary>
    [Fact]
    public Task Over_played_links_rounds_take_what_is_claimed_and_senders_keep_to_their_shares() =>
        RunAsync("{ uplink: 60 Mbps, downlink: 60 Mbps }", own: [8, 20, 40], isPlayed: true, shared: null);

    private async Task RunAsync(string bandwidth, double?[] own, bool isPlayed, double? shared)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable(Variable) == "1", $"It takes minutes, and a machine that does nothing else: set {Variable}=1.");
        string text = Wide.Replace("BANDWIDTH", bandwidth, StringComparison.Ordinal);
        for (int device = 0; device < own.Length; device++)
        {
            string link = isPlayed ? FormattableString.Invariant($", uplink: {own[device]} Mbps, downlink: {own[device]} Mbps, latency: 5 ms") : "";
            text = text.Replace($"LINK{device}", link, StringComparison.Ordinal);
        }

        await using LabFleet fleet = new(text, emulate: true);
        fleet.Write("wide.yaml", WideModel);
        await fleet.StartServerAsync(shared, shared);
        for (int device = 0; device < own.Length; device++)
            await fleet.StartDeviceAsync(Names[device], isPlayed ? null : own[device], isPlayed ? null : own[device]);
        byte[] model = await fleet.FinishAsync();
        Assert.Equal(await fleet.TrainAloneAsync(), model);

        foreach (RoundFinished round in fleet.Events.OfType<RoundFinished>())
            Print($"round {round.Round}: {round.Seconds:0.000} s, {round.Seconds / round.ClaimedSeconds:0.000} of the claim");
        List<(string Sender, double Least, double Most)> rates = [];
        foreach ((string name, double? mbps) in Names.Zip(own))
        {
            (double up, double down) = fleet.MeasuredMbpsOf(name);
            Print($"{name}: measured {up:0.00} up, {down:0.00} down; link {mbps ?? shared:0.00} Mbps");
            PlannedDevice planned = fleet.PlanOf(name);
            rates.Add(Compare($"{name} up", planned.Shares!["uplink"], fleet.LogOf(name).RatesSent(WindowSeconds)));
            rates.Add(Compare($"{name} down", planned.Shares!["downlink"], fleet.LogOf(name).RatesReceived(WindowSeconds)));
            if (!isPlayed)
            {
                // Ethernet, IP and TCP take a twentieth of what the kernel counts.
                Assert.InRange(up / (mbps ?? shared!.Value), 0.90, 1);
                Assert.InRange(down / (mbps ?? shared!.Value), 0.90, 1);
            }
        }

        Assert.All(fleet.Events.OfType<RoundFinished>(), round => Assert.InRange(round.Seconds / round.ClaimedSeconds!.Value, 1 - Tolerance, 1 + Tolerance));
        Assert.All(rates, one => Assert.True(one.Least >= 1 - RateTolerance && one.Most <= 1 + RateTolerance, $"{one.Sender}: {one.Least:0.000} to {one.Most:0.000}"));
    }

    private (string Sender, double Least, double Most) Compare(string sender, double share, IReadOnlyList<double> rates)
    {
        Assert.True(rates.Count > 20, $"{sender}: only {rates.Count} windows; its messages are too short to tell.");
        (double least, double most) = (rates.Min() / share, rates.Max() / share);
        Print($"{sender}: {least:0.000} to {most:0.000} of its share of {share / 1e6:0.00} Mbps over {rates.Count} windows of {WindowSeconds} s");
        return (sender, least, most);
    }

    private void Print(FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
