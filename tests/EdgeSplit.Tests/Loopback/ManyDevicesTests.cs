using System.Globalization;
using EdgeSplit.Compute;
using EdgeSplit.Experiments;
using EdgeSplit.Tests.Cli;
using EdgeSplit.Tests.Faults;
using EdgeSplit.Tests.Torch;
using EdgeSplit.Torch;
using EdgeSplit.Training;
using EdgeSplit.Training.Networked;
using EdgeSplit.Wire;
using EdgeSplit.Wire.Security;

namespace EdgeSplit.Tests.Loopback;

/// <summary>Hundreds of connections to one server.</summary>
[Collection(TorchCollection.Name)]
public sealed class ManyDevicesTests
{
    private const int Devices = 300;

    private const string Experiment = """
        name: crowd
        model: mlp
        data: { source: fashion-mnist, trainSamples: 6000, testSamples: 50 }
        training: { rounds: 10, localSteps: 2, batch: 8, evaluateEvery: 10 }
        fleet: { devices: [{ name: d, count: 300, cut: 1 }] }
        """;

    [Fact]
    public async Task Three_hundred_devices_finish_and_the_servers_memory_is_flat()
    {
        await using ProcessFleet fleet = await ProcessFleet.StartAsync(Experiment, CommandProcess.StartWithOneHeap);
        PreparedExperiment prepared = await LoopbackFleet.PrepareAsync(Experiment);
        await using ComputeLanes lanes = new(new TorchEngine(), count: 2);
        Task[] devices = [.. Enumerable.Range(0, Devices).Select(device => Task.Run(() => JoinAsync(fleet, prepared, device, lanes)))];
        Assert.Equal(0, await fleet.EndAsync());
        await Task.WhenAll(devices);

        Assert.Equal(10 * Devices, fleet.Events.OfType<DeviceFinished>().Count());
        // By the server itself, before the next round begins: seen from outside, another process's memory is that of a round under way.
        double[] memory = [.. fleet.Events.OfType<RoundFinished>().Select(round => round.ServerMemoryBytes!.Value / (double)(1 << 20))];
        TestContext.Current.TestOutputHelper?.WriteLine($"MiB after each round: {string.Join(" ", memory.Select(held => held.ToString("F1", CultureInfo.InvariantCulture)))}");
        Assert.InRange(memory[2] / memory[1], 0, 1.05);
        Assert.InRange(memory[9] / memory[1], 0, 1.05);
    }

    private static Task JoinAsync(ProcessFleet fleet, PreparedExperiment prepared, int device, ComputeLanes lanes)
    {
        string name = fleet.Names[device];
        DeviceSecurity way = new(ServerAddress.Parse(fleet.Address.ToString(), insecure: false), fleet.TokenOf(name), ServerTrust.OfSystem);
        DeviceConnectionOptions options = new(way.Address.Endpoint, name, prepared.Partition[device].Length, "test", TimeProvider.System)
        {
            Open = async opening => await way.ConnectAsync(socket => socket.AddSubProtocol(Handshake.SubProtocol), opening),
        };
        DeviceAgentSettings settings = new(ThreadsPerLane: 1);
        return new DeviceAgent(options, prepared.Data.Train, prepared.Partition[device], lanes, settings).RunAsync(TestContext.Current.CancellationToken);
    }
}
