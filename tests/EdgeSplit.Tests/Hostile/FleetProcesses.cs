using System.Text;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Server.Security;
using EdgeSplit.Tests.Cli;
using EdgeSplit.Tests.Data;
using EdgeSplit.Training;
using EdgeSplit.Wire.Security;

namespace EdgeSplit.Tests.Hostile;

/// <summary>A server and honest devices, each a process, beside whom a test may misbehave.</summary>
internal sealed class FleetProcesses : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string experiment;
    private readonly Dictionary<string, DeviceToken> tokens = [];
    private readonly List<(CommandProcess Process, Task<string> Printed)> devices = [];
    private readonly StringBuilder heard = new();
    private CommandProcess server = null!;
    private Task<string> output = null!;
    private Task listening = null!;

    private FleetProcesses(string experiment) => this.experiment = folder.Write("experiment.yaml", experiment);

    public Uri Address { get; private set; } = null!;

    public int ServerId => server.Id;

    public IEnumerable<int> Ids => [server.Id, .. devices.Select(device => device.Process.Id)];

    public IEnumerable<string> Tokens => tokens.Values.Select(token => token.Reveal());

    public RunFolder Run => RunFolder.Open(folder.At("run"));

    /// <summary>The weights it came to.</summary>
    public byte[] Model => File.ReadAllBytes(Run.ModelPath);

    public IReadOnlyList<RunEvent> Events => Run.ReadEvents();

    /// <param name="experiment">YAML.</param>
    /// <param name="enrolled">Names with a token.</param>
    /// <param name="options">Further ones of the server.</param>
    public static async Task<FleetProcesses> StartAsync(string experiment, string[] enrolled, params string[] options)
    {
        FleetProcesses fleet = new(experiment);
        TokenStore store = new(fleet.folder.At("tokens.json"), TimeProvider.System);
        foreach (string name in enrolled)
        {
            await store.EnrollAsync(name, renew: false, token => fleet.tokens[name] = token);
            TokenFile.Write(fleet.folder.At($"{name}.token"), fleet.tokens[name], replace: false);
        }

        fleet.server = CommandProcess.Start([
            "server", fleet.experiment, "--listen", "127.0.0.1:0", "--store", store.Location,
            "--out", fleet.folder.At("run"), "--progress", "json", "--verbose", .. options]);
        fleet.output = fleet.server.Output.ReadToEndAsync();
        TaskCompletionSource<Uri> address = new();
        fleet.listening = Task.Run(() => fleet.ListenAsync(address));
        fleet.Address = await address.Task.WaitAsync(TestContext.Current.CancellationToken);
        return fleet;
    }

    /// <summary>How a device of that name joins: with its token, or another's.</summary>
    public DeviceSecurity SecurityOf(string name) => new(ServerAddress.Parse(Address.ToString(), insecure: false), tokens[name], ServerTrust.OfSystem);

    public void StartDevices(params string[] names)
    {
        foreach (string name in names)
            StartDevice(name);
    }

    /// <param name="name">Of the device.</param>
    /// <param name="options">Further ones of it.</param>
    public void StartDevice(string name, params string[] options)
    {
        CommandProcess device = CommandProcess.Start(DeviceArguments(name, options));
        devices.Add((device, Task.Run(async () => await device.Output.ReadToEndAsync() + await device.Error.ReadToEndAsync())));
    }

    /// <summary>A device that the server, or the device itself, is to refuse.</summary>
    /// <returns>How it ended, and what it said.</returns>
    public async Task<(int Status, string Error)> TryDeviceAsync(string name, params string[] options)
    {
        using CommandProcess device = CommandProcess.Start(DeviceArguments(name, options));
        string error = await device.Error.ReadToEndAsync(TestContext.Current.CancellationToken);
        return (await device.EndAsync(TestContext.Current.CancellationToken), error);
    }

    /// <summary>Waits until the run is over, and everyone has ended as he should.</summary>
    /// <returns>All that was printed.</returns>
    public async Task<string> FinishAsync()
    {
        StringBuilder printed = new(await output);
        int status = await server.EndAsync(TestContext.Current.CancellationToken);
        await listening;
        printed.Append(heard);
        Assert.True(status == 0, $"exit {status}: {printed}");
        foreach ((CommandProcess process, Task<string> lines) in devices)
        {
            printed.Append(await lines);
            status = await process.EndAsync(TestContext.Current.CancellationToken);
            Assert.True(status == 0, $"a device's exit {status}: {printed}");
        }

        return printed.ToString();
    }

    /// <summary>Every file of the run folder, as text.</summary>
    public IEnumerable<(string Path, string Text)> ReadRun() =>
        Directory.EnumerateFiles(Run.Location, "*", SearchOption.AllDirectories).Select(path => (path, Encoding.Latin1.GetString(File.ReadAllBytes(path))));

    public void Dispose()
    {
        foreach ((CommandProcess process, _) in devices)
            process.Dispose();
        server.Dispose();
        folder.Dispose();
    }

    private string[] DeviceArguments(string name, string[] options) =>
        ["device", "--server", Address.ToString(), "--name", name, "--token", folder.At($"{name}.token"), "--data", experiment, .. options];

    private async Task ListenAsync(TaskCompletionSource<Uri> address)
    {
        const string Told = "Listening at ";
        while (await server.Error.ReadLineAsync() is { } line)
        {
            heard.Append(line).Append('\n');
            if (line.StartsWith(Told, StringComparison.Ordinal))
                address.TrySetResult(new Uri(line[Told.Length..]));
        }

        address.TrySetException(new InvalidOperationException($"The server ended: {heard}"));
    }
}
