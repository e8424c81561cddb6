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
    public static Command Create()
    {
        Argument<string?> file = new("EXPERIMENT")
        {
            Description = "The experiment file (YAML); 'edgesplit init' writes one.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<string?> resume = new("--resume")
        {
            Description = "Go on with a run that was stopped or killed, to the weights it would have come to. Its experiment stays as it was.",
            HelpName = "RUN",
        };
        Option<string[]> set = CommonOptions.Set();
        Option<string?> dataDirectory = CommonOptions.DataDirectory();
        Option<string?> device = CommonOptions.Device();
        Option<string?> output = CommonOptions.Out();
        Option<bool> force = CommonOptions.Force();
        Option<ProgressKind?> progress = CommonOptions.Progress();
        Command command = new("train", "Train an experiment in this process and write a run folder.")
        {
            file, resume, set, dataDirectory, device, output, force, progress,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            TextWriter writer = parsed.InvocationConfiguration.Output;
            TextWriter error = parsed.InvocationConfiguration.Error;
            FaultCollector faults = new();
            (string? source, string? run) = (parsed.GetValue(file), parsed.GetValue(resume));
            faults.Check(() => RequireOneSource(source, run));
            RunFolder? old = run is null ? null : faults.Try(() => Reopen(run, parsed, set, output, force));
            if (old is null && source is null)
                faults.ThrowIfAny();
            if (faults.IsEmpty && old?.IsComplete == true)
            {
                await writer.WriteLineAsync(
                    $"Nothing is left to train: all rounds are done. Look at it with: edgesplit evaluate {old.Location}").ConfigureAwait(false);
                return 0;
            }

            (PreparedExperiment? prepared, TorchEngine? engine) = await Preparation.PrepareAsync(
                () => old?.ReadExperiment() ?? ExperimentFile.Read(source!, parsed.GetValue(set)),
                parsed.GetValue(device), parsed.GetValue(dataDirectory), faults, error, cancellation).ConfigureAwait(false);
            ICutPlan? plan = prepared is null ? null : faults.Try(() => ExperimentPlan.Of(prepared, isOneMachine: true));
            if (old is null)
                faults.Check(() => RunFolder.RequirePlace(parsed.GetValue(output), parsed.GetValue(force)));
            faults.ThrowIfAny();

            Experiment experiment = prepared!.Experiment;
            RunFolder folder = old ?? RunFolder.Create(parsed.GetValue(output), experiment, parsed.GetValue(force));
            await using ComputeLanes lanes = Preparation.CreateLanes(engine!, experiment.Compute);
            ProgressKind kind = parsed.GetValue(progress) ?? (Console.IsOutputRedirected ? ProgressKind.Plain : ProgressKind.Live);
            TrainingRun training = new(prepared, folder, writer, error);
            TrainingResult result = await training.TrainAsync(
                supervision => prepared.TrainAsync(plan!, lanes, TimeProvider.System, supervision), kind, resume: old is not null).ConfigureAwait(false);
            using (result.Weights)
                await RunSummary.WriteAsync(kind == ProgressKind.Json ? error : writer, folder, result, experiment.Training.Rounds, training.ResumeCommand).ConfigureAwait(false);
            return 0;
        });
        return command;
    }

    private static void RequireOneSource(string? file, string? run)
    {
        if (file is null && run is null)
            throw new InvalidInputException("train", "there is nothing to train", "give an experiment file, or --resume RUN");
        if (file is not null && run is not null)
            throw new InvalidInputException("--resume", $"the run has its experiment, and '{file}' is another", "give only one of them");
    }

    /// <summary>A run that goes on is the one that began: schedules depend on the number of rounds, results on all the rest.</summary>
    private static RunFolder Reopen(string run, ParseResult parsed, params IEnumerable<Option> fixedByRun)
    {
        FaultCollector faults = new();
        foreach (Option option in fixedByRun.Where(option => parsed.GetResult(option) is { Implicit: false }))
        {
            faults.Check(() => throw new InvalidInputException(
                option.Name, "a resumed run goes on as and where it began", "leave it out, or train anew without --resume"));
        }

        RunFolder? folder = faults.Try(() => RunFolder.Open(run));
        faults.ThrowIfAny();
        return folder!;
    }
}
