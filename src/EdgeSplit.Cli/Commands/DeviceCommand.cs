using System.CommandLine;
using System.Globalization;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using EdgeSplit.Cli.Progress;
using EdgeSplit.Compute;
using EdgeSplit.Data;
using EdgeSplit.Experiments;
using EdgeSplit.Models;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Training.Networked;
using EdgeSplit.Wire;
using EdgeSplit.Wire.Security;

namespace EdgeSplit.Cli.Commands;

/// <summary><c>edgesplit device</c>: one device of a networked fleet, with its own data.</summary>
internal static class DeviceCommand
{
    private const double LongestSeconds = 30 * 24 * 3600;

    public static Command Create()
    {
        Option<string> name = new("--name") { Description = "This device, as the fleet calls it.", HelpName = "NAME", Required = true };
        DeviceSecurityOptions security = new();
        Option<string> data = new("--data")
        {
            Description = "A YAML file with a data section. Of an experiment file the device takes its own part of the partition, else all training samples.",
            HelpName = "FILE",
            Required = true,
        };
        Option<string[]> set = CommonOptions.Set();
        set.Description = "Override a key of the data file, for instance --set data.source=mnist. May be repeated.";
        Option<string?> dataDirectory = CommonOptions.DataDirectory();
        Option<string?> compute = CommonOptions.Device();
        compute.Description = "What computes: cpu, cuda or cuda:N. [default: cpu]";
        Option<int?> threads = new("--threads") { Description = "Threads of one operation. [default: the experiment's compute.threadsPerLane, else 1]", HelpName = "N" };
        Option<bool> emulate = new("--emulate") { Description = "Play the machine and the link that the experiment's fleet gives this device: as slow as they are." };
        Option<bool> withInput = new("--end-with-input") { Description = "End when standard input does, and leave Ctrl-C to whoever started this." };
        Option<bool> quiet = new("--quiet") { Description = "Do not tell of each round." };
        Option<string> giveUp = new("--give-up")
        {
            Description = "How long to try to come back to a server that is gone or stops before the run is over: 10 min, 90 s, never. Then it ends with exit 1; with 0 only when the run is over.",
            HelpName = "TIME",
            DefaultValueFactory = _ => Quantity.Time.Write(DeviceConnectionOptions.DefaultPatience.TotalSeconds),
        };
        Command command = new("device", "Join a server as one device of its fleet, and train on one's own data until the run is over.")
        {
            name, data, set, dataDirectory, compute, threads, emulate, giveUp, quiet, withInput,
        };
        security.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            using DeviceStop stop = new(parsed.GetValue(withInput), error.WriteLine, TimeProvider.System, cancellation);
            FaultCollector faults = new();
            string device = parsed.GetRequiredValue(name);
            faults.Check(() => RequireName(device));
            faults.Check(() => RequirePositive(threads.Name, parsed.GetValue(threads)));
            TimeSpan patience = default;
            faults.Check(() => patience = PatienceOf(giveUp.Name, parsed.GetRequiredValue(giveUp)));
            IEngine? engine = faults.Try(() => Preparation.CreateEngine(parsed.GetValue(compute) ?? "cpu", "--device"));
            OwnDataSpec? spec = faults.Try(() => OwnDataFile.Read(parsed.GetRequiredValue(data), device, parsed.GetValue(set)));
            DeviceConfig? played = parsed.GetValue(emulate) && spec is not null ? faults.Try(() => PlayedBy(spec, device)) : null;
            DatasetLocations? locations = faults.Try(() => DatasetLocations.Find(parsed.GetValue(dataDirectory)));
            DeviceSecurity? way = security.Read(parsed, faults, Console.In);
            if (parsed.GetValue(withInput))
                stop.EndWithInput();
            faults.ThrowIfAny();
            OwnData own = await spec!.LoadAsync(new DatasetCatalog(locations!), new DownloadBar(error), stop.Token).ConfigureAwait(false);

            int threadsPerLane = parsed.GetValue(threads) ?? spec.Experiment?.Compute.ThreadsPerLane ?? 1;
            await using ComputeLanes lanes = new(engine!, count: 1, threadsPerLane);
            DeviceConnectionOptions connection = new(way!.Address.Endpoint, device, own.Samples.Length, MachineOf(engine!), TimeProvider.System)
            {
                Open = async opening => await way.ConnectAsync(Prepare, opening).ConfigureAwait(false),
                Numerics = lanes.Numerics,
                Report = error.WriteLine,
                DataDigest = own.Digest(),
                Patience = patience,
                Emulation = played is null ? null : LinkOf(played),
            };
            DeviceAgentSettings settings = new(threadsPerLane)
            {
                PlayedProfile = played is null ? null : (network, batch) => ProfileOf(played, network, batch),
                Tell = parsed.GetValue(quiet) ? null : error.WriteLine,
                ReportTooSlow = factor => error.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"warning: this machine takes {factor:0.00} times as long as the one it plays; what it shows of times is too slow by that")),
            };
            await new DeviceAgent(connection, own.Train, own.Samples, lanes, settings).RunAsync(stop.Token).ConfigureAwait(false);
            if (!parsed.GetValue(quiet))
                await error.WriteLineAsync("The run is over.").ConfigureAwait(false);
            return 0;
        });
        return command;
    }

    /// <summary>The link has its own heartbeat.</summary>
    private static void Prepare(ClientWebSocketOptions socket)
    {
        socket.AddSubProtocol(Handshake.SubProtocol);
        socket.KeepAliveInterval = Timeout.InfiniteTimeSpan;
    }

    private static void RequireName(string name)
    {
        if (DeviceName.ProblemOf(name) is { } problem)
            throw new InvalidInputException("--name", problem, "give the name that the fleet has for this device");
    }

    private static void RequirePositive(string option, int? value)
    {
        if (value < 1)
            throw new InvalidInputException(option, $"it is {value}", "give 1 or more");
    }

    private static TimeSpan PatienceOf(string option, string text)
    {
        if (text == "never")
            return TimeSpan.MaxValue;
        return Quantity.Time.TryParse(text, out double seconds) && seconds is > 0 and <= LongestSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw new InvalidInputException(option, $"'{text}' is not how long to wait", "give a time such as 10 min or 90 s, at most 30 days, or never");
    }

    private static DeviceConfig PlayedBy(OwnDataSpec spec, string device)
    {
        if (spec.Experiment is null)
            throw new InvalidInputException("--emulate", "the data file has no fleet that says what to play", "give an experiment file in --data");
        DeviceConfig config = spec.Experiment.Devices[spec.Device];
        return config.Machine is { Class: null, ProfileFile: null }
            ? throw new InvalidInputException("--emulate", $"the fleet says nothing of the costs of '{device}'", "add its class, or a profile that 'edgesplit profile' measured")
            : config;
    }

    private static Profile ProfileOf(DeviceConfig device, Network network, int batch)
    {
        if (device.Machine.Class is { } name)
            return DeviceClass.Parse(name, device.Name).Estimate(network, batch);
        using FileStream stream = File.OpenRead(device.Machine.ProfileFile!);
        return ProfileFile.Read(stream, device.Machine.ProfileFile!);
    }

    private static LinkEmulation LinkOf(DeviceConfig device)
    {
        return new LinkEmulation(Limit(device.Link.UplinkBitsPerSecond), Limit(device.Link.DownlinkBitsPerSecond), device.Link.LatencySeconds);

        static double? Limit(double rate) => double.IsFinite(rate) ? rate : null;
    }

    private static string MachineOf(IEngine engine) =>
        $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}, {Environment.ProcessorCount} cores, {engine.Description}";
}
