using EdgeSplit.Server.Security;
using EdgeSplit.Wire.Security;

namespace EdgeSplit.Cli.Processes;

/// <summary>A fleet's devices as processes of this machine, each with a token of its own; none outlives this object, or this process.</summary>
internal sealed class DeviceProcesses : IAsyncDisposable
{
    /// <summary>For a device that was asked to end, to say goodbye.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly DirectoryInfo folder = ScratchFolder.Create("edgesplit-launch-");
    private readonly List<ChildProcess> devices = [];
    private readonly bool giveWay;
    private readonly TimeProvider clock;

    /// <param name="giveWay">
    /// They compute when the server does not. Devices that play slower machines have time to spare, the server has none: what it waits for a
    /// core its fleet would not have waited.
    /// </param>
    /// <param name="clock">Times out.</param>
    public DeviceProcesses(bool giveWay, TimeProvider clock)
    {
        this.giveWay = giveWay;
        this.clock = clock;
        Tokens = new TokenStore(Path.Combine(folder.FullName, TokenStore.DefaultName), clock);
    }

    /// <summary>Who may join: the devices enrolled here.</summary>
    public TokenStore Tokens { get; }

    /// <summary>Starts a device.</summary>
    /// <param name="name">In the fleet.</param>
    /// <param name="server">Where its server listens.</param>
    /// <param name="arguments">Its data and settings.</param>
    /// <param name="tell">Gets every line it prints, marked with its name.</param>
    /// <param name="cancellation">Gives it up.</param>
    public async Task StartAsync(string name, Uri server, IEnumerable<string> arguments, Action<string> tell, CancellationToken cancellation)
    {
        string token = Path.Combine(folder.FullName, FormattableString.Invariant($"{devices.Count}.token"));
        try
        {
            await Tokens.EnrollAsync(name, renew: false, made => TokenFile.Write(token, made, replace: false), cancellation).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidInputException)
        {
            // Tokens and their store lie there, and no option of the user's names them.
            throw ScratchFolder.Unusable(exception);
        }

        devices.Add(ChildProcess.Start(
            name, ["device", "--server", server.ToString(), "--name", name, "--token", token, "--end-with-input", .. arguments], giveWay, tell));
    }

    /// <summary>Completes with the first device that ends with an error; with null once all have ended without.</summary>
    public async Task<string?> FirstFailureAsync()
    {
        List<Task<(string Name, int Status)>> left = [.. devices.Select(async device => (device.Name, await device.Ended.ConfigureAwait(false)))];
        while (left.Count > 0)
        {
            Task<(string Name, int Status)> ended = await Task.WhenAny(left).ConfigureAwait(false);
            left.Remove(ended);
            (string name, int status) = await ended.ConfigureAwait(false);
            if (status != 0)
                return FormattableString.Invariant($"device '{name}' ended with status {status}");
        }

        return null;
    }

    /// <summary>Waits until all have ended: they are asked to, and after a while made to.</summary>
    public async Task EndAsync()
    {
        foreach (ChildProcess device in devices)
            device.CloseInput();
        Task all = Task.WhenAll(devices.Select(device => device.Ended));
        if (await Task.WhenAny(all, Task.Delay(Patience, clock)).ConfigureAwait(false) == all)
            return;
        foreach (ChildProcess device in devices)
            device.Kill();
        await all.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync().ConfigureAwait(false);
        foreach (ChildProcess device in devices)
            device.Dispose();
        folder.Delete(recursive: true);
    }
}
