using System.Net;
using EdgeSplit.Experiments;
using EdgeSplit.Server;
using EdgeSplit.Server.Security;

namespace EdgeSplit.Cli.Processes;

/// <summary>A networked run whose devices are processes of this machine: it ends with them, and they with it.</summary>
/// <param name="run">The server's part, in this process.</param>
/// <param name="fleet">The devices.</param>
/// <param name="arguments">What the command line of each says besides its name and its server.</param>
/// <param name="giveWay">Whether the devices compute only when the server does not.</param>
/// <param name="tell">Gets what they print.</param>
internal sealed class LaunchRun(NetworkRun run, IReadOnlyList<DeviceConfig> fleet, IReadOnlyList<string> arguments, bool giveWay, Action<string> tell)
{
    /// <exception cref="DeviceEndedException">A device ended with an error.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using CancellationTokenSource broken = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        DeviceProcesses devices = new(giveWay, TimeProvider.System);
        await using (devices.ConfigureAwait(false))
        {
            Task<string?> failure = Task.FromResult<string?>(null);
            ServerSecurity security = new(new ListenAddress(IPAddress.Loopback, 0), Tls: null, devices.Tokens);
            try
            {
                await run.RunAsync(security, StartAsync, broken.Token).ConfigureAwait(false);
                await devices.EndAsync().ConfigureAwait(false);
                if (await failure.ConfigureAwait(false) is { } late)
                    throw new DeviceEndedException(late);
            }
            catch (OperationCanceledException) when (failure is { IsCompletedSuccessfully: true, Result: { } early })
            {
                throw new DeviceEndedException(early);
            }

            async Task StartAsync(Uri address, CancellationToken interrupted)
            {
                foreach (DeviceConfig device in fleet)
                    await devices.StartAsync(device.Name, address, arguments, tell, interrupted).ConfigureAwait(false);
                failure = WatchAsync();
            }

            async Task<string?> WatchAsync()
            {
                string? problem = await devices.FirstFailureAsync().ConfigureAwait(false);
                if (problem is not null)
                    await broken.CancelAsync().ConfigureAwait(false);
                return problem;
            }
        }
    }
}

/// <summary>A process of the fleet ended with an error, and the run with it.</summary>
internal sealed class DeviceEndedException(string message) : Exception(message);
