using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Tests.Cli;
using EdgeSplit.Tests.Data;
using EdgeSplit.Training;

namespace EdgeSplit.Tests.Links;

/// <summary>A server and its devices as people set them up on a network: processes on hosts of a <see cref="LinkLab"/>, tokens, TLS with a pinned certificate.</summary>
internal sealed partial class LabFleet : IAsyncDisposable
{
    private const string ServerName = "server";

    private readonly LinkLab lab = LinkLab.Create();
    private readonly TemporaryFolder folder = new();
    private readonly ConcurrentQueue<string> printed = new();
    private readonly Dictionary<string, CommandProcess> devices = [];
    private readonly Dictionary<string, ByteLog> logs = [];
    private readonly TaskCompletionSource<string> fingerprint = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Uri> listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Task> reading = [];
    private readonly string experiment;
    private readonly bool emulate;
    private CommandProcess? server;
    private LabHost? serverHost;

    /// <param name="experiment">YAML.</param>
    /// <param name="emulate">Devices play the machines that the experiment gives them.</param>
    public LabFleet(string experiment, bool emulate = false)
    {
        this.experiment = folder.Write("experiment.yaml", experiment);
        this.emulate = emulate;
    }

    public IReadOnlyList<RunEvent> Events => Run.ReadEvents();

    /// <summary>Everything that anyone printed.</summary>
    public string Printed => string.Join('\n', printed);

    private RunFolder Run => RunFolder.Open(folder.At("run"));

    /// <summary>A file beside the experiment's.</summary>
    public void Write(string name, string content) => folder.Write(name, content);

    /// <summary>What the server measured of a device's link before it planned.</summary>
    public (double UplinkMbps, double DownlinkMbps) MeasuredMbpsOf(string name)
    {
        Match match = Regex.Match(Printed, $@"The link of {name}: ([0-9.]+) Mbps up, ([0-9.]+) Mbps down");
        Assert.True(match.Success, Printed);
        return (double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture), double.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture));
    }

    /// <summary>What the run's one plan gives a device.</summary>
    public PlannedDevice PlanOf(string name) => Assert.Single(Events.OfType<RoundPlanned>()).Devices.Single(device => device.Name == name);

    /// <summary>Starts the server.</summary>
    /// <param name="uplinkMbps">What its own cable carries from all devices together; null for no limit.</param>
    /// <param name="downlinkMbps">What it carries to them.</param>
    public async Task StartServerAsync(double? uplinkMbps = null, double? downlinkMbps = null)
    {
        serverHost = lab.Connect(ServerName, sendMbps: downlinkMbps, receiveMbps: uplinkMbps);
        server = Start(
            serverHost, ServerName, "server", experiment, "--out", folder.At("run"), "--listen", "*:0", "--tls", "--store", folder.At("tokens.json"),
            "--progress", "json", "--verbose");
        Task ended = Task.WhenAll(reading);
        if (await Task.WhenAny(listening.Task, ended).WaitAsync(TestContext.Current.CancellationToken) == ended)
            throw new InvalidOperationException($"The server ended: {Printed}");
    }

    /// <summary>Enrols a device, connects its host and starts it.</summary>
    public async Task StartDeviceAsync(string name, double? uplinkMbps = null, double? downlinkMbps = null)
    {
        string token = folder.At($"{name}.token");
        await CommandLine.RunWellAsync("enroll", name, "--store", folder.At("tokens.json"), "--out", token);
        Uri address = new UriBuilder(await listening.Task) { Host = serverHost!.Address }.Uri;
        devices[name] = Start(
            lab.Connect(name, uplinkMbps, downlinkMbps), name,
            [
                "device", "--server", address.ToString(), "--fingerprint", await fingerprint.Task, "--name", name, "--token", token,
                "--data", experiment, .. emulate ? (string[])["--emulate"] : [],
            ]);
    }

    /// <summary>What went over a device's cable since the first round began: before, its link was measured.</summary>
    public ByteLog LogOf(string name) => logs[name];

    /// <summary>The run ends as it should, the devices with it.</summary>
    /// <returns>The weights it came to.</returns>
    public async Task<byte[]> FinishAsync()
    {
        foreach ((string name, CommandProcess process) in devices.Prepend(new(ServerName, server!)))
        {
            int status = await process.EndAsync(TestContext.Current.CancellationToken);
            Assert.True(status == 0, $"exit {status} of {name}: {Printed}");
        }

        await Task.WhenAll(reading);
        foreach (ByteLog log in logs.Values)
            await log.DisposeAsync();
        return await File.ReadAllBytesAsync(Run.ModelPath, TestContext.Current.CancellationToken);
    }

    /// <summary>The weights of the same experiment, trained in one process.</summary>
    public async Task<byte[]> TrainAloneAsync()
    {
        await CommandLine.RunWellAsync("train", experiment, "--out", folder.At("alone"), "--progress", "json");
        return await File.ReadAllBytesAsync(RunFolder.Open(folder.At("alone")).ModelPath, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        server?.Dispose();
        foreach (CommandProcess process in devices.Values)
            process.Dispose();
        foreach (ByteLog log in logs.Values)
            await log.DisposeAsync();
        await Task.WhenAll(reading);
        lab.Dispose();
        folder.Dispose();
    }

    [GeneratedRegex(@"fingerprint is ([0-9A-F:]+)")]
    private static partial Regex Fingerprint();

    private CommandProcess Start(LabHost host, string name, params string[] arguments)
    {
        CommandProcess process = CommandProcess.StartIn(host.Namespace, folder.At("settings"), arguments);
        reading.Add(ReadAsync(name, process.Output));
        reading.Add(ReadAsync(name, process.Error));
        return process;
    }

    private void StartLogs()
    {
        foreach ((string name, CommandProcess device) in devices)
            logs[name] = new ByteLog(device.Id);
    }

    private async Task ReadAsync(string name, TextReader lines)
    {
        const string Told = "Listening at ";
        while (await lines.ReadLineAsync() is { } line)
        {
            printed.Enqueue($"{name}: {line}");
            if (logs.Count == 0 && line.Contains("\"event\":\"round-started\"", StringComparison.Ordinal))
                StartLogs();
            if (Fingerprint().Match(line) is { Success: true } match)
                fingerprint.TrySetResult(match.Groups[1].Value);
            if (line.StartsWith(Told, StringComparison.Ordinal))
                listening.TrySetResult(new Uri(line[Told.Length..]));
        }
    }
}
