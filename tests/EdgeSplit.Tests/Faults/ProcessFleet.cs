using System.Collections.Concurrent;
using EdgeSplit.Experiments;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Server.Security;
using EdgeSplit.Tests.Cli;
using EdgeSplit.Tests.Data;
using EdgeSplit.Tests.Loopback;
using EdgeSplit.Training;
using EdgeSplit.Wire.Security;

namespace EdgeSplit.Tests.Faults;

/// <summary>A server and its devices, each a process that a test may kill, stop and start again, and each device behind a link that it may cut.</summary>
internal sealed class ProcessFleet : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string experiment;
    private readonly Dictionary<string, CommandProcess> devices = [];
    private readonly Dictionary<string, TcpRelay> links = [];
    private readonly ConcurrentQueue<string> printed = new();
    private readonly List<(Predicate<RunEvent> Which, Action Then)> awaited = [];
    private CommandProcess? server;
    private Task reading = Task.CompletedTask;
    private Uri address = new("http://127.0.0.1:0");

    private ProcessFleet(string experiment, string? folderOfRun)
    {
        RunLocation = folderOfRun is null ? folder.At("run") : Path.Combine(folderOfRun, "run");
        this.experiment = folder.Write("experiment.yaml", experiment);
        Names = [.. ExperimentFile.Read(this.experiment).Devices.Select(device => device.Name)];
    }

    public string[] Names { get; }

    /// <summary>Where the server listens.</summary>
    public Uri Address => address;

    /// <summary>Where the server writes the run.</summary>
    public string RunLocation { get; }

    public RunFolder Run => RunFolder.Open(RunLocation);

    public IReadOnlyList<RunEvent> Events => Run.ReadEvents();

    /// <summary>Everything that anyone printed.</summary>
    public string Printed => string.Join('\n', printed);

    /// <summary>Enrols the devices of an experiment's fleet and starts its server.</summary>
    /// <param name="experiment">The experiment file's text.</param>
    /// <param name="startServer">Starts the program with the server's arguments; null for a process like any other.</param>
    /// <param name="folderOfRun">Where the run's folder goes; null for a temporary one.</param>
    public static async Task<ProcessFleet> StartAsync(
        string experiment, Func<string[], CommandProcess>? startServer = null, string? folderOfRun = null)
    {
        ProcessFleet fleet = new(experiment, folderOfRun);
        TokenStore store = new(fleet.folder.At("tokens.json"), TimeProvider.System);
        foreach (string name in fleet.Names)
            await store.EnrollAsync(name, renew: false, token => TokenFile.Write(fleet.folder.At($"{name}.token"), token, replace: false));
        await fleet.StartServerAsync([fleet.experiment, "--out", fleet.RunLocation], startServer);
        foreach (string name in fleet.Names)
            fleet.links[name] = new TcpRelay(fleet.address);
        return fleet;
    }

    /// <summary>The weights of the same experiment, trained in one process where nothing goes wrong.</summary>
    public async Task<byte[]> TrainAloneAsync()
    {
        await CommandLine.RunWellAsync("train", experiment, "--out", folder.At("alone"), "--progress", "json");
        return await File.ReadAllBytesAsync(RunFolder.Open(folder.At("alone")).ModelPath, TestContext.Current.CancellationToken);
    }

    public DeviceToken TokenOf(string name) => TokenFile.Read(folder.At($"{name}.token"), TextReader.Null);

    /// <summary>The same where every device has this cut, and nobody plans.</summary>
    public async Task<byte[]> TrainAloneAsync(string cut)
    {
        string[] given = [.. Names.SelectMany((name, index) => (string[])["--set", $"fleet.devices[{index}]={{ name: {name}, {cut} }}"])];
        await CommandLine.RunWellAsync(["train", experiment, "--out", folder.At("alone"), "--progress", "json", "--set", "plan=null", .. given]);
        return await File.ReadAllBytesAsync(RunFolder.Open(folder.At("alone")).ModelPath, TestContext.Current.CancellationToken);
    }

    public TcpRelay LinkOf(string name) => links[name];

    public CommandProcess Device(string name) => devices[name];

    public CommandProcess Server => server!;

    public void StartDevices(params IEnumerable<string> names)
    {
        foreach (string name in names)
            StartDevice(name, links[name].Address);
    }

    /// <summary>Another process with a device's token, which has a link of its own to the server.</summary>
    /// <returns>The process before, still running.</returns>
    public CommandProcess StartTwin(string name)
    {
        CommandProcess before = devices[name];
        StartDevice(name, address);
        return before;
    }

    /// <summary>Kills a device and starts it again.</summary>
    public void Replace(string name)
    {
        devices[name].Destroy();
        devices[name].Dispose();
        StartDevices(name);
    }

    public void KillServer() => server!.Destroy();

    /// <summary>Starts the server again where it was, to go on with the run.</summary>
    public async Task ResumeServerAsync()
    {
        await reading;
        await StartServerAsync(["--resume", RunLocation], start: null);
    }

    /// <summary>Does something once, as soon as an event of the run comes.</summary>
    public void On(Predicate<RunEvent> which, Action then)
    {
        lock (awaited)
            awaited.Add((which, then));
    }

    /// <summary>Waits for an event of the run that is still to come.</summary>
    public async Task UntilAsync(Predicate<RunEvent> which)
    {
        TaskCompletionSource seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        On(which, seen.SetResult);
        Task ended = EndAsync();
        if (await Task.WhenAny(seen.Task, ended) == ended && !seen.Task.IsCompleted)
            throw new InvalidOperationException($"The server ended before: {Printed}");
    }

    /// <summary>Waits until so many of all lines that anyone printed hold a text.</summary>
    public async Task UntilPrintedAsync(string text, int times)
    {
        while (printed.Count(line => line.Contains(text, StringComparison.Ordinal)) < times)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    /// <summary>The server's exit status, once it has ended.</summary>
    public async Task<int> EndAsync()
    {
        int status = await server!.EndAsync(TestContext.Current.CancellationToken);
        await reading;
        return status;
    }

    /// <summary>The run ends as it should, the devices with it.</summary>
    /// <returns>The weights it came to.</returns>
    public async Task<byte[]> FinishAsync()
    {
        int status = await EndAsync();
        Assert.True(status == 0, $"exit {status}: {Printed}");
        foreach ((string name, CommandProcess device) in devices)
        {
            status = await device.EndAsync(TestContext.Current.CancellationToken);
            Assert.True(status == 0, $"exit {status} of {name}: {Printed}");
        }

        return await File.ReadAllBytesAsync(Run.ModelPath, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        server?.Dispose();
        foreach (CommandProcess device in devices.Values)
            device.Dispose();
        foreach (TcpRelay link in links.Values)
            await link.DisposeAsync();
        await reading;
        folder.Dispose();
    }

    private void StartDevice(string name, Uri server)
    {
        CommandProcess device = CommandProcess.Start(
            "device", "--server", server.ToString(), "--name", name, "--token", folder.At($"{name}.token"), "--data", experiment);
        devices[name] = device;
        _ = PrintAsync(name, device.Output);
        _ = PrintAsync(name, device.Error);
    }

    private async Task StartServerAsync(string[] run, Func<string[], CommandProcess>? start)
    {
        string[] arguments =
            ["server", .. run, "--listen", $"127.0.0.1:{address.Port}", "--store", folder.At("tokens.json"), "--progress", "json", "--verbose"];
        server = start is null ? CommandProcess.Start(arguments) : start(arguments);
        TaskCompletionSource<Uri> listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
        reading = Task.WhenAll(FollowAsync(server.Output), ListenAsync(server.Error, listening));
        address = await listening.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    private async Task FollowAsync(TextReader events)
    {
        while (await events.ReadLineAsync() is { } line)
        {
            printed.Enqueue($"server: {line}");
            if (!line.StartsWith('{'))
                continue;
            RunEvent happened = RunEvents.Parse(line, "the server", 1);
            lock (awaited)
            {
                foreach ((Predicate<RunEvent> which, Action then) in awaited.ToArray().Where(one => one.Which(happened)))
                {
                    awaited.Remove((which, then));
                    then();
                }
            }
        }
    }

    private async Task ListenAsync(TextReader lines, TaskCompletionSource<Uri> listening)
    {
        const string Told = "Listening at ";
        while (await lines.ReadLineAsync() is { } line)
        {
            printed.Enqueue($"server: {line}");
            if (line.StartsWith(Told, StringComparison.Ordinal))
                listening.TrySetResult(new Uri(line[Told.Length..]));
        }

        listening.TrySetException(new InvalidOperationException($"The server ended: {Printed}"));
    }

    private async Task PrintAsync(string name, TextReader lines)
    {
        while (await lines.ReadLineAsync() is { } line)
            printed.Enqueue($"{name}: {line}");
    }
}
