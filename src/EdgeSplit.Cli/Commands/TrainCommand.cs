using System.CommandLine;
using EdgeSplit.Compute;
using EdgeSplit.Experiments;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Torch;
using EdgeSplit.Training;

namespace EdgeSplit.Cli.Commands;

/// <summary><c>edgesplit train EXPERIMENT</c>, <c>edgesplit train --resume RUN</c>.</summary>
internal static class TrainCommand
{
    private const string Name = "train";

    public static Command Create()
    {
        RunSource.Options run = new(Name);
        Option<string?> dataDirectory = CommonOptions.DataDirectory();
        Option<string?> device = CommonOptions.Device();
        Option<ProgressKind?> progress = CommonOptions.Progress();
        Command command = new(Name, "Train an experiment in this process and write a run folder.");
        run.AddTo(command);
        foreach (Option option in (Option[])[dataDirectory, device, progress])
            command.Add(option);
        command.SetAction(async (parsed, cancellation) =>
        {
            TextWriter writer = parsed.InvocationConfiguration.Output;
            TextWriter error = parsed.InvocationConfiguration.Error;
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
                () => source?.ReadExperiment(), parsed.GetValue(device), parsed.GetValue(dataDirectory), faults, error, signal.Abandon, hearsSignals: true).ConfigureAwait(false);
            faults.Check(() => prepared?.RequireSamples());
            ICutPlan? plan = prepared is null ? null : faults.Try(() => ExperimentPlan.Of(prepared, isOneMachine: true, TimeProvider.System));
            using RunClaim? claim = faults.Try(() => source?.Claim(prepared?.Experiment.Name ?? Name)!);
            faults.ThrowIfAny();

            RunStart start = source!.Start(claim!, prepared!);
            Experiment experiment = start.Prepared.Experiment;
            await using ComputeLanes lanes = Preparation.CreateLanes(engine!, experiment.Compute);
            TrainingResult result = await new TrainingRun(start, Name, signal, writer).TrainAsync(
                supervision => start.Prepared.TrainAsync(plan!, lanes, TimeProvider.System, supervision), kind).ConfigureAwait(false);
            using (result.Weights)
                await RunSummary.WriteAsync(
                    kind == ProgressKind.Json ? error : writer, Name, claim!.Folder, result, experiment.Training.Rounds, prepared!.Data.Test.Count == 0).ConfigureAwait(false);
            return 0;
        });
        return command;
    }
}
