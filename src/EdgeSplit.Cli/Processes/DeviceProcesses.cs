using EdgeSplit.Server.Security;
using EdgeSplit.Wire.Security;

namespace EdgeSplit.Cli.Processes;

/// <summary>
/// A fleet's devices as processes of this machine, each with a token of its own that no file ever holds; none outlives this object, or this
/// process.
/// </summary>
/// <param name="giveWay">
/// They compute when the server does not. Devices that play slower machines have time to spare, the server has none: what it waits for a
/// core its fleet would not have waited.
/// </param>
/// <param name="clock">Times out.</param>
internal sealed class DeviceProcesses(bool giveWay, TimeProvider clock) : IAsyncDisposable
{
    /// <summary>For a device that was asked to end: longer than it takes for what is at work there.</summary>
    private static readonly TimeSpan Patience = ProcessEnd.Patience + TimeSpan.FromSeconds(1);

    private readonly List<ChildProcess> devices = [];

    /// <summary>Who may join: the devices started here.</summary>
    public PassingTokens Tokens { get; } = new(clock);

    /// <summary>Starts a device.</summary>
    /// <param name="name">In the fleet.</param>
    /// <param name="server">Where its server listens.</param>
    /// <param name="arguments">Its data and settings.</param>
    /// <param name="tell">Gets every line it prints, marked with its name.</param>
    public ChildProcess Start(string name, Uri server, IEnumerable<string> arguments, Action<string> tell)
    {
        ChildProcess device = ChildProcess.Start(
            name,
            ["device", "--server", server.ToString(), "--name", name, "--token", TokenFile.StandardInput, "--end-with-input", .. arguments],
            Tokens.Enroll(name).Reveal(), giveWay, tell);
        devices.Add(device);
        return device;
    }

    /// <summary>Waits until all have ended: they are asked to, and after a while made to.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (ChildProcess device in devices)
            device.CloseInput();
        Task all = Task.WhenAll(devices.Select(device => device.Ended));
        if (await Task.WhenAny(all, Task.Delay(Patience, clock)).ConfigureAwait(false) != all)
        {
            foreach (ChildProcess device in devices)
                device.Kill();
            await all.ConfigureAwait(false);
        }

        foreach (ChildProcess device in devices)
            device.Dispose();
    }
}
