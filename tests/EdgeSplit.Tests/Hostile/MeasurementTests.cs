using System.Text;
using EdgeSplit.Compute;
using EdgeSplit.Experiments;
using EdgeSplit.Models;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Server;
using EdgeSplit.Tests.Data;
using EdgeSplit.Tests.Loopback;
using EdgeSplit.Tests.Torch;
using EdgeSplit.Tests.Training;
using EdgeSplit.Torch;
using EdgeSplit.Training;
using EdgeSplit.Wire.Protocol;
using EdgeSplit.Wire.Security;

namespace EdgeSplit.Tests.Hostile;

/// <summary>While a fleet is measured: a device that is silent, lies or is lost costs itself its part in the run, and the others nothing.</summary>
[Collection(TorchCollection.Name)]
public sealed class MeasurementTests : IAsyncLifetime
{
    private static readonly Network LeNet = new(ModelZoo.Create("lenet5", new EdgeSplit.Numerics.Shape(1, 28, 28), 10));
    private static readonly Profile Honest = DeviceClass.Parse("laptop", "test").Estimate(LeNet, 16);

    private readonly TemporaryFolder folder = new();
    private readonly ManualClock clock = new();
    private readonly ComputeLanes lanes = new(new TorchEngine(), count: 2);
    private readonly List<string> told = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await lanes.DisposeAsync();
        folder.Dispose();
    }

    [Theory]
    [InlineData("less than JSON", "{", "is not whole JSON")]
    [InlineData("no number", "{NaN}", "is not whole JSON")]
    [InlineData("a negative number", "{-1}", "is missing or not a finite number from 0")]
    [InlineData("beyond all numbers", "{1e999}", "is missing or not a finite number from 0")]
    [InlineData("ages", "{1e300}", "a batch takes longer than 86400 s by it")]
    [InlineData("another network", "{other}", "its profile has 1 blocks and lenet5 has 5")]
    [InlineData("not even text", "\u00ff", "Expected a profile as UTF-8")]
    public async Task A_false_profile_ends_that_session_and_the_others_train_as_if_it_were_not_there(string name, string sent, string reason)
    {
        Assert.NotEmpty(name);
        await AssertLeftOutAsync(reason, async (mallory, measuring) =>
        {
            await mallory.ReadAsync(FrameHeader.ContentOneofCase.ProfileRequest);
            await SendProfileAsync(mallory, Falsified(sent));
            Error? error = await mallory.ReadErrorAsync();
            Assert.Equal(ErrorCode.Protocol, error?.Code);
            Assert.Contains(reason, error!.Reason, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_device_that_answers_pings_and_no_profile_is_left_out_when_patience_ends() =>
        await AssertLeftOutAsync("it gave no profile within 300 s", async (mallory, measuring) =>
        {
            await mallory.ReadAsync(FrameHeader.ContentOneofCase.ProfileRequest);
            Assert.False(measuring.IsCompleted);
            clock.Advance(MeasurementTerms.DefaultPatience);
            Assert.Equal(ErrorCode.NotNow, (await mallory.ReadErrorAsync())?.Code);
        });

    [Fact]
    public async Task A_device_that_gives_a_profile_and_answers_no_probe_is_left_out_when_patience_ends() =>
        await AssertLeftOutAsync("it gave no answer to a probe of its link within 300 s", async (mallory, measuring) =>
        {
            await mallory.ReadAsync(FrameHeader.ContentOneofCase.ProfileRequest);
            await SendProfileAsync(mallory, Encoding.UTF8.GetBytes(JsonOf(Honest)));
            await PingOfProbeAsync(mallory);
            Assert.False(measuring.IsCompleted);
            clock.Advance(MeasurementTerms.DefaultPatience);
            Assert.Equal(ErrorCode.NotNow, (await mallory.ReadErrorAsync())?.Code);
        });

    [Fact]
    public async Task A_device_that_tells_no_rate_is_left_out_at_once() =>
        await AssertLeftOutAsync("Expected the rate at which a probe came", async (mallory, measuring) =>
        {
            await mallory.ReadAsync(FrameHeader.ContentOneofCase.ProfileRequest);
            await SendProfileAsync(mallory, Encoding.UTF8.GetBytes(JsonOf(Honest)));
            ulong ping = await PingOfProbeAsync(mallory);
            while (true)
            {
                await mallory.SendAsync(new FrameHeader { Pong = new Pong { Id = ping } });
                FrameHeader next = (await mallory.ReadAsync())!;
                if (next.ContentCase == FrameHeader.ContentOneofCase.Probe)
                    break;
                ping = next.Ping?.Id ?? ping;
            }

            await mallory.SendAsync(new FrameHeader { ProbeResult = new ProbeResult { BitsPerSecond = double.NaN } });
            Assert.Equal(ErrorCode.Protocol, (await mallory.ReadErrorAsync())?.Code);
        });

    [Fact]
    public async Task A_link_that_is_lost_while_it_is_measured_is_measured_again_when_it_is_back()
    {
        PreparedExperiment prepared = await LoopbackFleet.PrepareAsync(Experiment().Replace("{ name: mallory }", "{ name: mallory, class: laptop }", StringComparison.Ordinal));
        await using LoopbackFleet fleet = await LoopbackFleet.StartAsync(prepared, lanes);
        await fleet.JoinAsync("a");
        await fleet.JoinAsync("b");
        await using TcpRelay relay = new(fleet.Server.Address);
        await fleet.JoinAsync("mallory", relay.Address);
        // Half of the first probe is out.
        relay.WhenDown(200_000, relay.Cut);
        IReadOnlyList<int> present = await PresentAsync(fleet);
        Task<MeasuredFleet?> measuring = MeasureAsync(fleet, prepared, present, FailurePolicy.Tolerant, TimeSpan.FromMinutes(5), TimeProvider.System);
        await relay.RefusedAsync(count: 1);
        Assert.False(measuring.IsCompleted);
        relay.Mend();

        MeasuredFleet measured = (await measuring)!;
        Assert.Equal([0, 1, 2], measured.Devices);
        Assert.All(measured.Links, link => Assert.True(link.UplinkBitsPerSecond > 0 && link.DownlinkBitsPerSecond > 0));
        Assert.Contains(told, line => line.StartsWith("mallory is gone (", StringComparison.Ordinal));
        await fleet.CloseAsync();
    }

    [Fact]
    public async Task A_fleet_of_which_too_few_can_be_measured_does_not_begin_and_says_why()
    {
        PreparedExperiment prepared = await LoopbackFleet.PrepareAsync(Experiment());
        await using LoopbackFleet fleet = await LoopbackFleet.StartAsync(prepared, lanes);
        foreach (DeviceConfig device in prepared.Experiment.Devices)
            await fleet.JoinAsync(device.Name);
        IReadOnlyList<int> present = await PresentAsync(fleet);
        FailurePolicy policy = new() { MinimumDevices = 3, RepeatsAtMost = 1 };
        MeasurementFailedException failed = await Assert.ThrowsAsync<MeasurementFailedException>(
            () => MeasureAsync(fleet, prepared, present, policy, patience: TimeSpan.Zero, TimeProvider.System));
        Assert.StartsWith("0 of the 3 devices that a round must have could be measured: a: it gave no answer to a probe", failed.Message, StringComparison.Ordinal);
        Assert.Equal(3, told.Count(line => line.EndsWith("; it is asked again.", StringComparison.Ordinal)));
    }

    /// <summary>Mallory acts while the fleet is measured, with two honest devices beside it, who then train to the weights they come to alone.</summary>
    private async Task AssertLeftOutAsync(string reason, Func<HostileDevice, Task, Task> act)
    {
        PreparedExperiment prepared = await LoopbackFleet.PrepareAsync(Experiment());
        await using LoopbackFleet fleet = await LoopbackFleet.StartAsync(prepared, lanes);
        await fleet.JoinAsync("a");
        await fleet.JoinAsync("b");
        DeviceSecurity security = new(ServerAddress.Parse(fleet.Server.Address.ToString(), insecure: false), await fleet.EnrollAsync("mallory"), ServerTrust.OfSystem);
        using HostileDevice mallory = await HostileDevice.JoinAsync(security, "mallory");
        IReadOnlyList<int> present = await PresentAsync(fleet);
        FailurePolicy policy = prepared.Experiment.Patience.ApplyTo(FailurePolicy.Tolerant);
        Task<MeasuredFleet?> measuring = MeasureAsync(fleet, prepared, present, policy, MeasurementTerms.DefaultPatience, clock);
        await act(mallory, measuring);

        MeasuredFleet measured = (await measuring)!;
        Assert.Equal([0, 1], measured.Devices);
        Assert.Contains(reason, Assert.Single(measured.LeftOut), StringComparison.Ordinal);
        using HostileDevice again = await HostileDevice.ConnectAsync(security);
        await again.SendAsync(new FrameHeader { Hello = HostileDevice.HelloOf("mallory") });
        Assert.Equal("the run began without this device", (await again.ReadErrorAsync())?.Reason);

        TrainingResult result = await fleet.TrainAsync(measured);
        using Weights alone = await TrainAloneAsync();
        using (result.Weights)
            TrainingScenario.AssertBitwiseEqual(alone, result.Weights);
        Assert.StartsWith("the run goes on without mallory: ", Assert.Single(fleet.Events.OfType<RunWarning>()).Message, StringComparison.Ordinal);
        Assert.All(fleet.Events.OfType<RoundStarted>(), round => Assert.Equal(["a", "b"], round.Participants));
        await fleet.CloseAsync();
    }

    private Task<MeasuredFleet?> MeasureAsync(
        LoopbackFleet fleet, PreparedExperiment prepared, IReadOnlyList<int> present, FailurePolicy policy, TimeSpan patience, TimeProvider time) =>
        new FleetMeasurement(prepared, fleet.Sessions, lanes, new MeasurementTerms(policy, patience), told.Add, time)
            .MeasureAsync(present, everything: false, oneByOne: false, TestContext.Current.CancellationToken);

    /// <summary>The honest devices' weights without Mallory, whatever their cuts.</summary>
    private async Task<Weights> TrainAloneAsync()
    {
        PreparedExperiment prepared = await LoopbackFleet.PrepareAsync(Experiment()
            .Replace("class: laptop", "cut: 2", StringComparison.Ordinal).Replace("{ name: mallory }", "{ name: mallory, cut: 2 }", StringComparison.Ordinal)
            .Replace("plan: edgesplit", "", StringComparison.Ordinal).Replace("  bandwidth: 100 Mbps", "", StringComparison.Ordinal)
            .Replace($"  server: {{ profile: {ServerProfile} }}", "", StringComparison.Ordinal));
        await using LoopbackFleet fleet = await LoopbackFleet.StartAsync(prepared, lanes);
        await fleet.JoinAsync("a");
        await fleet.JoinAsync("b");
        Weights weights = (await fleet.TrainAsync(count: 2)).Weights;
        await fleet.CloseAsync();
        return weights;
    }

    private static async Task<IReadOnlyList<int>> PresentAsync(LoopbackFleet fleet) =>
        await new FleetGathering(fleet.Sessions, _ => { }, TimeProvider.System).WaitAsync(3, patience: null, TestContext.Current.CancellationToken);

    private static async Task<ulong> PingOfProbeAsync(HostileDevice device)
    {
        while (true)
        {
            FrameHeader? header = await device.ReadAsync(FrameHeader.ContentOneofCase.Ping);
            // A heartbeat's numbers begin with 1, a probe's at the other end.
            if (header!.Ping.Id > ulong.MaxValue / 2)
                return header.Ping.Id;
        }
    }

    private static Task SendProfileAsync(HostileDevice device, byte[] json) => device.SendAsync(
        new FrameHeader { Sequence = device.Number(), PayloadBytes = (ulong)json.Length, ProfileResult = new ProfileResult() }, json);

    private static byte[] Falsified(string how)
    {
        string honest = JsonOf(Honest), first = $"\"forwardSeconds\": {honest.Split("\"forwardSeconds\": ")[1].Split(',')[0]}";
        return how switch
        {
            "{" => Encoding.UTF8.GetBytes(honest[..(honest.Length / 2)]),
            "{other}" => Encoding.UTF8.GetBytes(JsonOf(Honest with { Blocks = [Honest.Blocks[0]] })),
            ['{', .. var number, '}'] => Encoding.UTF8.GetBytes(honest.Replace(first, $"\"forwardSeconds\": {number}", StringComparison.Ordinal)),
            _ => [.. how.Select(one => (byte)one)],
        };
    }

    private static string JsonOf(Profile profile)
    {
        using MemoryStream json = new();
        ProfileFile.Write(profile, json);
        return Encoding.UTF8.GetString(json.ToArray());
    }

    private string ServerProfile => folder.At("server.json");

    private string Experiment()
    {
        folder.Write("server.json", JsonOf(Honest));
        return $$"""
            name: measured
            model: lenet5
            data: { source: fashion-mnist, trainSamples: 300, testSamples: 50 }
            training: { rounds: 2, localSteps: 2, batch: 16, minimumDevices: 2 }
            fleet:
              bandwidth: 100 Mbps
              server: { profile: {{ServerProfile}} }
              devices: [{ name: a, class: laptop }, { name: b, class: laptop }, { name: mallory }]
            plan: edgesplit
            """;
    }
}
