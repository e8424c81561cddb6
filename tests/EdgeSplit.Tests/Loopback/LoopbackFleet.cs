using EdgeSplit.Compute;
using EdgeSplit.Data;
using EdgeSplit.Experiments;
using EdgeSplit.Server;
using EdgeSplit.Server.Security;
using EdgeSplit.Server.Sessions;
using EdgeSplit.Tests.Data;
using EdgeSplit.Training;
using EdgeSplit.Training.Networked;
using EdgeSplit.Wire;
using EdgeSplit.Wire.Security;
using Microsoft.Extensions.Logging;

namespace EdgeSplit.Tests.Loopback;

/// <summary>A server and its devices in this process, over real sockets of this machine.</summary>
internal sealed class LoopbackFleet : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CancellationTokenSource ended = new();
    private readonly PreparedExperiment prepared;
    private readonly ComputeLanes lanes;
    private readonly List<Task> devices = [];
    private readonly Dictionary<string, DeviceToken> enrolled = [];
    private TokenStore? tokens;

    private LoopbackFleet(PreparedExperiment prepared, ComputeLanes lanes)
    {
        this.prepared = prepared;
        this.lanes = lanes;
    }

    public EdgeServer Server { get; private set; } = null!;

    public DeviceSessions Sessions => Server.Sessions;

    public List<RunEvent> Events { get; } = [];

    public static async Task<LoopbackFleet> StartAsync(PreparedExperiment prepared, ComputeLanes lanes, string listen = "127.0.0.1:0")
    {
        LoopbackFleet fleet = new(prepared, lanes);
        fleet.tokens = new TokenStore(fleet.folder.At("tokens.json"), TimeProvider.System);
        FleetTerms terms = new(prepared) { Numerics = lanes.Numerics };
        SharedLinks links = new(prepared.Experiment, terms, TimeProvider.System);
        ServerSecurity security = new(ListenAddress.Parse(listen, "test"), Tls: null, fleet.tokens);
        fleet.Server = await EdgeServer.StartAsync(
            security, terms, links.OptionsFor, TimeProvider.System, log => log.ClearProviders(), TestContext.Current.CancellationToken);
        return fleet;
    }

    /// <summary>The experiment of a file's text, its data from the checkout.</summary>
    public static async Task<PreparedExperiment> PrepareAsync(string text) => await PreparedExperiment.PrepareAsync(
        ExperimentFile.Parse(text, Repository.Root), new DatasetCatalog(DatasetLocations.Find(Repository.PathOf("data"))), cancellation: TestContext.Current.CancellationToken);

    public async Task<DeviceToken> EnrollAsync(string name)
    {
        DeviceToken? token = null;
        await tokens!.EnrollAsync(name, renew: false, made => token = made, TestContext.Current.CancellationToken);
        return enrolled[name] = token!;
    }

    /// <summary>What a device says decides the bits of what it computes; null for the truth.</summary>
    public Func<string, string>? NumericsOf { get; set; }

    /// <summary>Every device of the fleet joins with its part of the partition.</summary>
    public async Task JoinAllAsync()
    {
        foreach (DeviceConfig device in prepared.Experiment.Devices)
            await JoinAsync(device.Name);
    }

    /// <summary>A device joins with its part of the partition.</summary>
    /// <param name="name">In the fleet.</param>
    /// <param name="through">Where it finds the server; null for where that is.</param>
    /// <returns>Its end.</returns>
    public async Task<Task> JoinAsync(string name, Uri? through = null)
    {
        int index = prepared.Experiment.Devices.Select(device => device.Name).ToList().IndexOf(name);
        return Join(name, await EnrollAsync(name), prepared.Data.Train, index < 0 ? [0] : prepared.Partition[index], through);
    }

    /// <summary>A device with a token joins with samples of its own.</summary>
    public Task Join(string name, DeviceToken token, Dataset train, int[] samples, Uri? through = null)
    {
        DeviceSecurity way = new(ServerAddress.Parse((through ?? Server.Address).ToString(), insecure: false), token, ServerTrust.OfSystem);
        DeviceConnectionOptions options = new(way.Address.Endpoint, name, samples.Length, "test", TimeProvider.System)
        {
            DataDigest = DataDigest.Of(train, samples),
            Open = async opening => await way.ConnectAsync(socket => socket.AddSubProtocol(Handshake.SubProtocol), opening),
            Numerics = NumericsOf?.Invoke(name) ?? lanes.Numerics,
        };
        Task device = Task.Run(() => new DeviceAgent(options, train, samples, lanes, new DeviceAgentSettings(ThreadsPerLane: 1)).RunAsync(ended.Token));
        devices.Add(device);
        return device;
    }

    /// <summary>How an enrolled device of that name joins.</summary>
    public DeviceSecurity SecurityOf(string name) =>
        new(ServerAddress.Parse(Server.Address.ToString(), insecure: false), enrolled[name], ServerTrust.OfSystem);

    /// <summary>A device that was there joins anew, with the token it has.</summary>
    public Task JoinAgain(string name, OwnData own) => Join(name, enrolled[name], own.Train, own.Samples);

    /// <summary>Trains the devices that came.</summary>
    public Task<TrainingResult> TrainAsync(IReadOnlyList<int> present) => TrainAsync(present, measured: null, also: null);

    /// <summary>Waits for so many devices, and trains.</summary>
    public async Task<TrainingResult> TrainAsync(int? count = null, Action<RunEvent>? also = null)
    {
        IReadOnlyList<int> present = await new FleetGathering(Sessions, _ => { }, TimeProvider.System)
            .WaitAsync(count ?? prepared.Experiment.Devices.Count, patience: null, TestContext.Current.CancellationToken);
        return await TrainAsync(present, measured: null, also);
    }

    /// <summary>Trains the devices that were measured.</summary>
    public Task<TrainingResult> TrainAsync(MeasuredFleet measured) => TrainAsync(measured.Devices, measured, also: null);

    private async Task<TrainingResult> TrainAsync(IReadOnlyList<int> present, MeasuredFleet? measured, Action<RunEvent>? also)
    {
        NetworkPlan plan = NetworkPlan.Of(prepared, Sessions, present, measured, isOneMachine: true, TimeProvider.System);
        RunSupervision supervision = new(Events.Add + (also ?? (_ => { }))) { Abandon = TestContext.Current.CancellationToken };
        return await plan.TrainAsync(
            new NetworkFleet(Sessions), prepared.Experiment.Patience.ApplyTo(FailurePolicy.Tolerant), lanes, TimeProvider.System, supervision);
    }

    /// <summary>Says goodbye; every device that is there ends as it should.</summary>
    public async Task CloseAsync()
    {
        await Server.CloseAsync(failure: null, TimeSpan.FromSeconds(30));
        await Task.WhenAll(devices);
    }

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await Task.WhenAll(devices).ContinueWith(_ => { }, TaskScheduler.Default);
        if (Server is not null)
            await Server.DisposeAsync();
        ended.Dispose();
        folder.Dispose();
    }
}
