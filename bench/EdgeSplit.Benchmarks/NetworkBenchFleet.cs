using System.Diagnostics;
using EdgeSplit.Compute;
using EdgeSplit.Data;
using EdgeSplit.Experiments;
using EdgeSplit.Server;
using EdgeSplit.Server.Security;
using EdgeSplit.Server.Sessions;
using EdgeSplit.Training;
using EdgeSplit.Wire.Security;
using Microsoft.Extensions.Logging;

namespace EdgeSplit.Benchmarks;

/// <summary>
/// One experiment with one device, trained in this process, or by a server in this process and <c>edgesplit device</c> in another
/// over loopback TCP: the same rounds on the same lane.
/// </summary>
internal sealed class NetworkBenchFleet : IAsyncDisposable
{
    private const string DeviceName = "device";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("edgesplit-bench-");
    private readonly PreparedExperiment prepared;
    private readonly ComputeLanes lanes;
    private EdgeServer? server;
    private Process? device;

    private NetworkBenchFleet(PreparedExperiment prepared, ComputeLanes lanes)
    {
        this.prepared = prepared;
        this.lanes = lanes;
    }

    /// <summary>Starts the server and its device, and waits until it is there.</summary>
    /// <param name="experiment">The text of an experiment with one device, called "device".</param>
    /// <param name="lanes">The server's, and those of training in one process.</param>
    public static async Task<NetworkBenchFleet> StartAsync(string experiment, ComputeLanes lanes)
    {
        PreparedExperiment prepared = await PreparedExperiment
            .PrepareAsync(ExperimentFile.Parse(experiment, AppContext.BaseDirectory), new DatasetCatalog(DatasetLocations.Find(null))).ConfigureAwait(false);
        NetworkBenchFleet fleet = new(prepared, lanes);
        try
        {
            await fleet.StartAsync(experiment).ConfigureAwait(false);
            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <returns>Samples/s.</returns>
    public Task<double> TrainInProcessAsync() =>
        MeasureAsync(supervision => prepared.TrainAsync(new GivenCuts(prepared.Cuts), lanes, TimeProvider.System, supervision));

    /// <returns>Samples/s.</returns>
    public Task<double> TrainOverNetworkAsync()
    {
        NetworkPlan plan = NetworkPlan.Of(prepared, server!.Sessions, [0], measured: null, isOneMachine: true, TimeProvider.System);
        return MeasureAsync(supervision =>
            plan.TrainAsync(new NetworkFleet(server.Sessions), FailurePolicy.Strict, lanes, TimeProvider.System, supervision));
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await server.CloseAsync(failure: null, TimeSpan.FromSeconds(10)).ConfigureAwait(false);
            await server.DisposeAsync().ConfigureAwait(false);
        }

        if (device is not null)
        {
            // It ends by itself at the server's goodbye, or with its input where there was none.
            if (server is null)
                device.StandardInput.Close();
            await device.WaitForExitAsync().ConfigureAwait(false);
            device.Dispose();
        }

        folder.Delete(recursive: true);
    }

    private async Task StartAsync(string experiment)
    {
        string file = Path.Combine(folder.FullName, "experiment.yaml"), token = Path.Combine(folder.FullName, "token");
        await File.WriteAllTextAsync(file, experiment).ConfigureAwait(false);
        TokenStore store = new(Path.Combine(folder.FullName, TokenStore.DefaultName), TimeProvider.System);
        await store.EnrollAsync(DeviceName, renew: false, made => TokenFile.Write(token, made, replace: false)).ConfigureAwait(false);
        FleetTerms terms = new(prepared);
        server = await EdgeServer.StartAsync(
            new ServerSecurity(ListenAddress.Parse("127.0.0.1:0", "bench"), Tls: null, store), terms,
            new SharedLinks(prepared.Experiment, terms, TimeProvider.System).OptionsFor, TimeProvider.System,
            log => log.SetMinimumLevel(LogLevel.None), CancellationToken.None).ConfigureAwait(false);
        string program = Path.Combine(AppContext.BaseDirectory, "EdgeSplit.Cli.dll");
        device = Process.Start(new ProcessStartInfo(
            "dotnet",
            [program, "device", "--server", server.Address.ToString(), "--name", DeviceName, "--token", token, "--data", file, "--end-with-input"])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
        })!;
        _ = device.StandardError.ReadToEndAsync();
        await new FleetGathering(server.Sessions, _ => { }, TimeProvider.System)
            .WaitAsync(count: 1, TimeSpan.FromMinutes(1), CancellationToken.None).ConfigureAwait(false);
    }

    /// <returns>Samples/s of a round.</returns>
    private static async Task<double> MeasureAsync(Func<RunSupervision, Task<TrainingResult>> train)
    {
        double rate = 0;
        RunSupervision supervision = new(happened => rate = happened is RoundFinished round ? round.SamplesPerSecond : rate);
        (await train(supervision).ConfigureAwait(false)).Weights.Dispose();
        return rate;
    }
}
