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
            RunSource? source = faults.Try(() => run.Read(parsed));
            if (faults.IsEmpty && source?.Old is { IsComplete: true } done)
            {
                await writer.WriteLineAsync(RunSummary.NothingLeft(done)).ConfigureAwait(false);
                return 0;
            }

            (PreparedExperiment? prepared, TorchEngine? engine) = await Preparation.PrepareAsync(
                () => source?.ReadExperiment(), parsed.GetValue(device), parsed.GetValue(dataDirectory), faults, error, cancellation).ConfigureAwait(false);
            ICutPlan? plan = prepared is null ? null : faults.Try(() => ExperimentPlan.Of(prepared, isOneMachine: true, TimeProvider.System));
            faults.Check(() => source?.RequirePlace());
            faults.ThrowIfAny();

            Experiment experiment = prepared!.Experiment;
            RunFolder folder = source!.FolderFor(experiment);
            await using ComputeLanes lanes = Preparation.CreateLanes(engine!, experiment.Compute);
            ProgressKind kind = parsed.GetValue(progress) ?? (Console.IsOutputRedirected ? ProgressKind.Plain : ProgressKind.Live);
            TrainingResult result = await new TrainingRun(prepared, Name, folder, writer, error).TrainAsync(
                supervision => prepared.TrainAsync(plan!, lanes, TimeProvider.System, supervision),
                kind, resume: source.Old is not null).ConfigureAwait(false);
            using (result.Weights)
                await RunSummary.WriteAsync(kind == ProgressKind.Json ? error : writer, Name, folder, result, experiment.Training.Rounds).ConfigureAwait(false);
            return 0;
        });
        return command;
    }
}
