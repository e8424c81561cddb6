using System.CommandLine;
using EdgeSplit.Compute;
using EdgeSplit.Experiments;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Torch;
using EdgeSplit.Training;

namespace EdgeSplit.Cli.Commands;

/// <summary><c>edgesplit train EXPERIMENT</c>.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        Argument<string> file = new("EXPERIMENT") { Description = "The experiment file (YAML); 'edgesplit init' writes one." };
        Option<string[]> set = CommonOptions.Set();
        Option<string?> dataDirectory = CommonOptions.DataDirectory();
        Option<string?> device = CommonOptions.Device();
        Option<string?> output = CommonOptions.Out();
        Option<bool> force = CommonOptions.Force();
        Option<ProgressKind?> progress = CommonOptions.Progress();
        Command command = new("train", "Train an experiment in this process and write a run folder.")
        {
            file, set, dataDirectory, device, output, force, progress,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            TextWriter writer = parsed.InvocationConfiguration.Output;
            TextWriter error = parsed.InvocationConfiguration.Error;
            FaultCollector faults = new();
            (PreparedExperiment? prepared, TorchEngine? engine) = await Preparation.PrepareAsync(
                () => ExperimentFile.Read(parsed.GetRequiredValue(file), parsed.GetValue(set)),
                parsed.GetValue(device), parsed.GetValue(dataDirectory), faults, error, cancellation).ConfigureAwait(false);
            ICutPlan? plan = prepared is null ? null : faults.Try(() => ExperimentPlan.Of(prepared, isOneMachine: true));
            faults.Check(() => RunFolder.RequirePlace(parsed.GetValue(output), parsed.GetValue(force)));
            faults.ThrowIfAny();

            Experiment experiment = prepared!.Experiment;
            RunFolder folder = RunFolder.Create(parsed.GetValue(output), experiment, parsed.GetValue(force));
            await using ComputeLanes lanes = Preparation.CreateLanes(engine!, experiment.Compute);
            ProgressKind kind = parsed.GetValue(progress) ?? (Console.IsOutputRedirected ? ProgressKind.Plain : ProgressKind.Live);
            TrainingResult result = await new TrainingRun(prepared, folder, writer, error).TrainAsync(
                (report, stop, abandon) => prepared.TrainAsync(plan!, lanes, report, TimeProvider.System, stop, abandon), kind).ConfigureAwait(false);
            using (result.Weights)
                await RunSummary.WriteAsync(kind == ProgressKind.Json ? error : writer, folder, result, experiment.Training.Rounds).ConfigureAwait(false);
            return 0;
        });
        return command;
    }
}
