using EdgeSplit.Compute;
using EdgeSplit.Experiments;
using EdgeSplit.Server;
using EdgeSplit.Tests.Hostile;
using EdgeSplit.Tests.Torch;
using EdgeSplit.Tests.Training;
using EdgeSplit.Torch;
using EdgeSplit.Training;
using EdgeSplit.Wire;
using EdgeSplit.Wire.Protocol;
using EdgeSplit.Wire.Security;

namespace EdgeSplit.Tests.Loopback;

/// <summary>Training over sockets is the training there is in one process.</summary>
[Collection(TorchCollection.Name)]
public sealed class NetworkTrainingTests : IAsyncLifetime
{
    private const string Small = """
        name: small
        seed: 3
        model: lenet5
        data:
          source: fashion-mnist
          trainSamples: 600
          testSamples: 60
          partition: { kind: dirichlet, alpha: 0.5, minimumSamples: 10 }
          augment: { cropPadding: 2, horizontalFlip: true }
        training: { rounds: 3, localSteps: 3, batch: 8, optimizer: { kind: sgd, momentum: 0.9 }, learningRate: 0.02 }
        fleet: { devices: [{ name: a, cut: 1 }, { name: b, cut: 3 }, { name: c, cut: 5 }] }
        """;

    private readonly ComputeLanes lanes = new(new TorchEngine(), count: 2);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => lanes.DisposeAsync();

    [Fact]
    public async Task Weights_are_bit_for_bit_those_of_one_process_whatever_the_cuts()
    {
        PreparedExperiment prepared = await LoopbackFleet.PrepareAsync(Small);
        using Weights expected = await TrainInProcessAsync(prepared);
        await using LoopbackFleet fleet = await LoopbackFleet.StartAsync(prepared, lanes);
        await fleet.JoinAllAsync();
        TrainingResult result = await fleet.TrainAsync();
        using (result.Weights)
            TrainingScenario.AssertBitwiseEqual(expected, result.Weights);
        Assert.Equal(9, fleet.Events.OfType<DeviceFinished>().Count());
        Assert.DoesNotContain(fleet.Events, happened => happened is DeviceLost or RunWarning);
        await fleet.CloseAsync();
    }

    [Theory]
    [InlineData("method: split, cut: 3")]
    [InlineData("method: splitfed-v2, cut: 3")]
    [InlineData("method: psl, cut: 3")]
    [InlineData("method: splitfed-v1, cut: 3, proximal: 0.1, serverMomentum: 0.5")]
    public async Task Weights_are_bit_for_bit_those_of_one_process_whatever_the_method(string method)
    {
        string text = Small.Replace("training: {", $"training: {{ {method},", StringComparison.Ordinal);
        foreach (int cut in (int[])[1, 3, 5])
            text = text.Replace($", cut: {cut} }}", " }", StringComparison.Ordinal);
        PreparedExperiment prepared = await LoopbackFleet.PrepareAsync(text);
        using Weights expected = await TrainInProcessAsync(prepared);
        await using LoopbackFleet fleet = await LoopbackFleet.StartAsync(prepared, lanes);
        await fleet.JoinAllAsync();
        TrainingResult result = await fleet.TrainAsync();
        using (result.Weights)
            TrainingScenario.AssertBitwiseEqual(expected, result.Weights);
        await fleet.CloseAsync();
    }

    [Fact]
    public async Task The_sockets_carry_at_most_a_hundredth_more_than_the_tensors()
    {
        PreparedExperiment prepared = await LoopbackFleet.PrepareAsync("""
            name: fat
            model: vgg5
            data: { source: synthetic, shape: 3x32x32, classes: 10, trainSamples: 64, testSamples: 4 }
            training: { rounds: 2, localSteps: 2, batch: 32 }
            fleet: { devices: [{ name: only, cut: 1 }] }
            """);
        await using LoopbackFleet fleet = await LoopbackFleet.StartAsync(prepared, lanes);
        await using TcpRelay relay = new(fleet.Server.Address);
        await fleet.JoinAsync("only", relay.Address);
        (await fleet.TrainAsync()).Weights.Dispose();
        await fleet.CloseAsync();

        DeviceFinished[] finished = [.. fleet.Events.OfType<DeviceFinished>()];
        long up = finished.Sum(device => device.BytesUp), down = finished.Sum(device => device.BytesDown);
        Assert.True(up > 1_000_000 && down > 1_000_000);
        Assert.InRange(relay.BytesUp, up, 1.01 * up);
        Assert.InRange(relay.BytesDown, down, 1.01 * down);
    }

    [Fact]
    public async Task A_fleet_may_train_without_those_that_do_not_come()
    {
        PreparedExperiment prepared = await LoopbackFleet.PrepareAsync(Small);
        await using LoopbackFleet fleet = await LoopbackFleet.StartAsync(prepared, lanes);
        await fleet.JoinAsync("a");
        await fleet.JoinAsync("c");
        TrainingResult result = await fleet.TrainAsync(count: 2);
        result.Weights.Dispose();
        Assert.All(fleet.Events.OfType<RoundStarted>(), round => Assert.Equal(["a", "c"], round.Participants));
        RefusedException late = await Assert.ThrowsAsync<RefusedException>(async () => await await fleet.JoinAsync("b"));
        Assert.Equal("the run began without this device", late.Message);
    }

    [Fact]
    public async Task A_device_that_has_left_still_has_the_samples_its_update_weighs()
    {
        PreparedExperiment prepared = await LoopbackFleet.PrepareAsync(Small);
        await using LoopbackFleet fleet = await LoopbackFleet.StartAsync(prepared, lanes);
        DeviceSecurity security = new(ServerAddress.Parse(fleet.Server.Address.ToString(), insecure: false), await fleet.EnrollAsync("b"), ServerTrust.OfSystem);
        using HostileDevice device = await HostileDevice.JoinAsync(security, "b");
        await fleet.Sessions.LinkOfAsync(1, TestContext.Current.CancellationToken);
        Assert.Equal([1], fleet.Sessions.Present);
        Task change = fleet.Sessions.Changed;
        await device.SendAsync(new FrameHeader { Goodbye = new Goodbye() });
        await change;
        Assert.Empty(fleet.Sessions.Present);
        Assert.Equal((0, 100, 0), (fleet.Sessions.SamplesOf(0), fleet.Sessions.SamplesOf(1), fleet.Sessions.SamplesOf(2)));
    }

    [Fact]
    public async Task An_agent_of_another_version_is_told_so_by_the_server_and_the_run_is_unharmed()
    {
        PreparedExperiment prepared = await LoopbackFleet.PrepareAsync(Small);
        using Weights expected = await TrainInProcessAsync(prepared);
        await using LoopbackFleet fleet = await LoopbackFleet.StartAsync(prepared, lanes);
        await fleet.JoinAllAsync();
        Task<Error?>? answer = null;
        DeviceSecurity security = fleet.SecurityOf("b");
        TrainingResult result = await fleet.TrainAsync(also: happened =>
        {
            if (happened is RoundStarted { Round: 2 })
                answer = AnswerToAsync();
        });
        using (result.Weights)
            TrainingScenario.AssertBitwiseEqual(expected, result.Weights);
        Error told = (await answer!)!;
        Assert.Equal((ErrorCode.Version, "the server speaks version 2 of the protocol and the device version 1: use the same release of edgesplit on both"), (told.Code, told.Reason));
        await fleet.CloseAsync();

        async Task<Error?> AnswerToAsync()
        {
            using HostileDevice old = await HostileDevice.ConnectAsync(security);
            Hello hello = HostileDevice.HelloOf("b");
            hello.Version = 1;
            await old.SendAsync(new FrameHeader { Hello = hello });
            return await old.ReadErrorAsync();
        }
    }

    [Fact]
    public async Task An_agent_of_another_version_is_not_waited_for()
    {
        PreparedExperiment prepared = await LoopbackFleet.PrepareAsync(Small);
        await using LoopbackFleet fleet = await LoopbackFleet.StartAsync(prepared, lanes);
        await fleet.EnrollAsync("b");
        using HostileDevice old = await HostileDevice.ConnectAsync(fleet.SecurityOf("b"));
        Hello hello = HostileDevice.HelloOf("b");
        hello.Version = 1;
        await old.SendAsync(new FrameHeader { Hello = hello });
        FleetIncompleteException refused = await Assert.ThrowsAsync<FleetIncompleteException>(() => fleet.TrainAsync());
        Assert.Equal("the run cannot begin without b: the server speaks version 2 of the protocol and the device version 1: use the same release of edgesplit on both", refused.Message);
    }

    [Fact]
    public async Task An_address_that_is_not_this_machines_is_bad_input()
    {
        PreparedExperiment prepared = await LoopbackFleet.PrepareAsync(Small);
        // Of the block that is for documentation only.
        InvalidInputException refused = await Assert.ThrowsAsync<InvalidInputException>(() => LoopbackFleet.StartAsync(prepared, lanes, "192.0.2.1:0"));
        Assert.StartsWith("--listen: 192.0.2.1:0: ", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith("give an address of this machine, or *:PORT for all of them", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Smashed_data_of_reduced_precision_takes_half_the_bytes_and_trains_to_the_same_bits_as_in_one_process()
    {
        PreparedExperiment prepared = await LoopbackFleet.PrepareAsync(Small);
        long[] bytes = new long[3];
        foreach ((int index, string encoding) in new[] { "float32", "bf16", "fp16" }.Index())
        {
            prepared = await LoopbackFleet.PrepareAsync(Small.Replace("training: {", $"training: {{ encoding: {encoding},", StringComparison.Ordinal));
            await using LoopbackFleet fleet = await LoopbackFleet.StartAsync(prepared, lanes);
            await using TcpRelay relay = new(fleet.Server.Address);
            foreach (DeviceConfig device in prepared.Experiment.Devices)
                await fleet.JoinAsync(device.Name, relay.Address);
            TrainingResult result = await fleet.TrainAsync();
            using Weights inProcess = await TrainInProcessAsync(prepared);
            using (result.Weights)
                TrainingScenario.AssertBitwiseEqual(inProcess, result.Weights);
            bytes[index] = relay.BytesUp;
            await fleet.CloseAsync();
        }

        // Three rounds of three steps of eight samples, of the two devices that send any.
        long smashed = 3 * 3 * 8 * (prepared.Network.Blocks[0].OutputBytes + prepared.Network.Blocks[2].OutputBytes);
        Assert.InRange(bytes[0] - bytes[1], 0.49 * smashed, 0.51 * smashed);
        Assert.InRange(bytes[0] - bytes[2], 0.49 * smashed, 0.51 * smashed);
    }

    private async Task<Weights> TrainInProcessAsync(PreparedExperiment prepared) => (await prepared.TrainAsync(
        new GivenCuts(prepared.Cuts), lanes, TimeProvider.System, new RunSupervision(_ => { }) { Abandon = TestContext.Current.CancellationToken })).Weights;
}
