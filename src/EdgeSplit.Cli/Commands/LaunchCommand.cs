using System.CommandLine;
using EdgeSplit.Cli.Processes;
using EdgeSplit.Compute;
using EdgeSplit.Experiments;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Torch;
using Spectre.Console;

namespace EdgeSplit.Cli.Commands;

/// <summary><c>edgesplit launch EXPERIMENT</c>: a server and a process for each device, on this machine.</summary>
internal static class LaunchCommand
{
    private const string Name = "launch";

    public static Command Create()
    {
        RunSource.Options run = new(Name);
        Option<bool> emulate = new("--emulate") { Description = "Slow each device's compute and link to what the fleet says of it." };
        Option<bool> verbose = new("--verbose") { Description = "Tell who comes and goes, and what each device does." };
        Option<string?> dataDirectory = CommonOptions.DataDirectory();
        Option<string?> device = CommonOptions.Device();
        Option<ProgressKind?> progress = CommonOptions.Progress();
        Command command = new(Name, "Train an experiment with a process for each of its devices, all on this machine, over real connections.");
        run.AddTo(command);
        foreach (Option option in (Option[])[emulate, dataDirectory, device, progress, verbose])
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

            (PreparedExperiment? prepared, TorchEngine? engine) = await Preparation.PrepareAsync(
                () => source is null ? null : NetworkExperiment.Read(source),
                parsed.GetValue(device), parsed.GetValue(dataDirectory), faults, error, signal.Abandon, hearsSignals: true).ConfigureAwait(false);
            if (prepared is not null && parsed.GetValue(emulate) && !FleetCosts.AreKnown(prepared.Experiment))
                faults.Check(() => throw new InvalidInputException("--emulate", "the fleet does not say what to play", "give fleet.bandwidth, and each device a class or a profile"));
            faults.Check(() => prepared?.RequireSamples());
            using RunClaim? claim = faults.Try(() => source?.Claim(prepared?.Experiment.Name ?? Name)!);
            faults.ThrowIfAny();

            RunStart start = source!.Start(claim!, prepared!);
            NetworkRunOptions options = new()
            {
                Command = Name,
                Progress = kind,
                IsOneMachine = true,
                IsEmulated = parsed.GetValue(emulate),
                IsVerbose = parsed.GetValue(verbose),
            };
            string[] arguments =
            [
                "--data", source.Path, .. source.Overrides.SelectMany(one => (string[])["--set", one]),
                .. Forwarded(dataDirectory.Name, parsed.GetValue(dataDirectory)), .. Forwarded(device.Name, prepared!.Experiment.Compute.Device),
                .. parsed.GetValue(emulate) ? (string[])[emulate.Name] : [], .. parsed.GetValue(verbose) ? (string[])[] : ["--quiet"],
            ];
            await using ComputeLanes lanes = Preparation.CreateLanes(engine!, prepared.Experiment.Compute);
            NetworkRun server = new(start, lanes, options, signal, writer, error);
            Action<string> tell = kind == ProgressKind.Live ? AnsiConsole.Console.WriteLine : error.WriteLine;
            await new LaunchRun(server, prepared.Experiment.Devices, arguments, giveWay: parsed.GetValue(emulate), tell)
                .RunAsync().ConfigureAwait(false);
            return 0;
        });
        return command;
    }

    private static string[] Forwarded(string option, string? value) => value is null ? [] : [option, value];
}
