using System.CommandLine;
using System.Globalization;
using EdgeSplit.Compute;
using EdgeSplit.Experiments;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Server;
using EdgeSplit.Server.Security;
using EdgeSplit.Torch;

namespace EdgeSplit.Cli.Commands;

/// <summary><c>edgesplit server EXPERIMENT</c>: waits for a fleet's devices and trains with them.</summary>
internal static class ServerCommand
{
    private const string Name = "server";

    /// <summary>Thirty days; a timer can wait for little more.</summary>
    private const int LongestSeconds = 30 * 24 * 3600;

    public static Command Create()
    {
        RunSource.Options run = new(Name);
        ServerSecurityOptions security = new();
        Option<string> wait = new("--wait") { Description = "How many devices to wait for: all, or a number. Those that come later take no part.", HelpName = "all|K", DefaultValueFactory = _ => "all" };
        Option<int?> patience = new("--wait-timeout") { Description = "Give up waiting after so many seconds. [default: never]", HelpName = "SECONDS" };
        Option<int> measuring = new("--measure-timeout")
        {
            Description = "How long a device has to answer while what it costs is measured; who does not is left out, if enough others do.",
            HelpName = "SECONDS",
            DefaultValueFactory = _ => (int)MeasurementTerms.DefaultPatience.TotalSeconds,
        };
        Option<bool> any = new("--any") { Description = "The fleet is every enrolled device, by name; those that the experiment does not know are like its first." };
        Option<bool> profile = new("--profile") { Description = "Have every device measure what each block costs it, also where the experiment says so." };
        Option<bool> verbose = new("--verbose") { Description = "Tell who comes and goes." };
        Option<string?> dataDirectory = CommonOptions.DataDirectory();
        Option<string?> device = CommonOptions.Device();
        Option<ProgressKind?> progress = CommonOptions.Progress();
        Command command = new(Name, "Train an experiment with devices of their own: wait for them, plan, train, and write a run folder.");
        run.AddTo(command);
        security.AddTo(command);
        foreach (Option option in (Option[])[wait, patience, measuring, any, profile, dataDirectory, device, progress, verbose])
            command.Add(option);
        command.SetAction(async (parsed, cancellation) =>
        {
            TextWriter writer = parsed.InvocationConfiguration.Output, error = parsed.InvocationConfiguration.Error;
            FaultCollector faults = new();
            ProgressKind kind = CommonOptions.ProgressOf(parsed.GetValue(progress));
            using StopSignal signal = CommonOptions.StopFor(kind, error);
            RunSource? source = faults.Try(() => run.Read(parsed));
            if (faults.IsEmpty && source?.Done is { } done)
            {
                await writer.WriteLineAsync(RunSummary.NothingLeft(done)).ConfigureAwait(false);
                return 0;
            }

            ServerSecurity? secured = security.Read(parsed, faults);
            (PreparedExperiment? prepared, TorchEngine? engine) = await Preparation.PrepareAsync(
                () =>
                {
                    if (source is null)
                        return null;
                    Experiment read = NetworkExperiment.Read(source);
                    return parsed.GetValue(any) && source.IsNew && secured is not null ? NetworkExperiment.WithEnrolled(read, secured.Tokens) : read;
                },
                parsed.GetValue(device), parsed.GetValue(dataDirectory), faults, error, signal.Abandon, hearsSignals: true).ConfigureAwait(false);
            int? count = null;
            faults.Check(() => count = CountOf(parsed.GetRequiredValue(wait), prepared?.Experiment.Devices.Count));
            faults.Check(() => RequireSeconds(patience.Name, parsed.GetValue(patience)));
            faults.Check(() => RequireSeconds(measuring.Name, parsed.GetValue(measuring)));
            using RunClaim? claim = faults.Try(() => source?.Claim(prepared?.Experiment.Name ?? Name)!);
            faults.ThrowIfAny();

            NetworkRunOptions options = new()
            {
                Command = Name,
                Progress = kind,
                Wait = count,
                Patience = parsed.GetValue(patience) is int seconds ? TimeSpan.FromSeconds(seconds) : null,
                MeasurementPatience = TimeSpan.FromSeconds(parsed.GetValue(measuring)),
                ProfilesAll = parsed.GetValue(profile),
                IsVerbose = parsed.GetValue(verbose),
            };
            RunStart start = source!.Start(claim!, prepared!);
            await using ComputeLanes lanes = Preparation.CreateLanes(engine!, prepared!.Experiment.Compute);
            ServerSecurityOptions.Tell(secured!, error);
            await new NetworkRun(start, lanes, options, signal, writer, error).RunAsync(
                secured!, (server, _) => error.WriteLineAsync($"Listening at {server.Address}")).ConfigureAwait(false);
            return 0;
        });
        return command;
    }

    private static int? CountOf(string text, int? devices)
    {
        if (text == "all")
            return null;
        if (!int.TryParse(text, CultureInfo.InvariantCulture, out int count) || count < 1 || count > devices)
            throw new InvalidInputException("--wait", $"'{text}' is not how many of {devices?.ToString(CultureInfo.InvariantCulture) ?? "the"} devices to wait for", "give all, or a number from 1");
        return count;
    }

    private static void RequireSeconds(string option, int? value)
    {
        if (value is < 1 or > LongestSeconds)
            throw new InvalidInputException(option, $"it is {value}", $"give 1 to {LongestSeconds}");
    }
}
