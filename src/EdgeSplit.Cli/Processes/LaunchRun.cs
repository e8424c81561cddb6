using System.Net;
using EdgeSplit.Experiments;
using EdgeSplit.Server;
using EdgeSplit.Server.Security;
using EdgeSplit.Server.Sessions;

namespace EdgeSplit.Cli.Processes;

/// <summary>
/// A networked run whose devices are processes of this machine: they end with it. One that ends before is gone for good, which the run is told:
/// it goes on without it, or ends.
/// </summary>
/// <param name="run">The server's part, in this process.</param>
/// <param name="fleet">The devices.</param>
/// <param name="arguments">What the command line of each says besides its name and its server.</param>
/// <param name="giveWay">Whether the devices compute only when the server does not.</param>
/// <param name="tell">Gets what they print.</param>
internal sealed class LaunchRun(NetworkRun run, IReadOnlyList<DeviceConfig> fleet, IReadOnlyList<string> arguments, bool giveWay, Action<string> tell)
{
    public async Task RunAsync()
    {
        DeviceProcesses devices = new(giveWay, TimeProvider.System);
        await using (devices.ConfigureAwait(false))
        {
            ServerSecurity security = new(new ListenAddress(IPAddress.Loopback, 0), Tls: null, devices.Tokens);
            await run.RunAsync(security, StartAsync).ConfigureAwait(false);
        }

        Task StartAsync(EdgeServer server, CancellationToken interrupted)
        {
            foreach ((int index, DeviceConfig device) in fleet.Index())
            {
                interrupted.ThrowIfCancellationRequested();
                _ = WatchAsync(server.Sessions, index, devices.Start(device.Name, server.Address, arguments, tell));
            }

            return Task.CompletedTask;
        }
    }

    /// <summary>Told of an end while the run is at work; once it is over, ends are as they should be.</summary>
    private static async Task WatchAsync(DeviceSessions sessions, int device, ChildProcess process) =>
        sessions.Leave(device, $"its process {ChildProcess.Describe(await process.Ended.ConfigureAwait(false))}");
}
