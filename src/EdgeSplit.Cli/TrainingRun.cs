using EdgeSplit.Cli.Progress;
using EdgeSplit.Compute;
using EdgeSplit.Experiments;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Training;
using Spectre.Console;

namespace EdgeSplit.Cli;

/// <summary>How a run shows itself while it trains.</summary>
internal enum ProgressKind
{
    /// <summary>Bars that redraw in place.</summary>
    Live,

    /// <summary>One line a round.</summary>
    Plain,

    /// <summary>One event a line, as in events.jsonl.</summary>
    Json,
}

/// <summary>An experiment trained in this process, from its file to its run folder.</summary>
internal sealed class TrainingRun(PreparedExperiment prepared, RunFolder folder, TextWriter output, TextWriter error)
{
    private readonly TimeProvider clock = TimeProvider.System;

    /// <summary>Trains with progress, then writes the weights and the run's last event.</summary>
    /// <param name="lanes">Where the arithmetic runs.</param>
    /// <param name="progress">How it shows itself.</param>
    /// <param name="resume">Goes on from the folder's last sound checkpoint.</param>
    /// <exception cref="IOException">The run folder cannot be written any more; the message names it.</exception>
    /// <exception cref="RoundFailedException">A round does not come to the updates it needs; the rounds before are kept.</exception>
    public async Task<TrainingResult> TrainAsync(ComputeLanes lanes, ProgressKind progress, bool resume = false)
    {
        try
        {
            return await TrainAndRecordAsync(lanes, progress, resume).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsFailedWrite(exception))
        {
            throw new IOException(
                $"{folder.Location}: the run ended because it could not be written: {exception.Message.TrimEnd('.')}; make room there and go on with: {ResumeCommand(folder)}",
                exception);
        }
        catch (RoundFailedException failed)
        {
            throw new RoundFailedException($"{failed.Message}; the rounds before are kept, go on with: {ResumeCommand(folder)}", failed);
        }
    }

    /// <summary>What a person types to go on with a run.</summary>
    public static string ResumeCommand(RunFolder folder) => $"edgesplit train --resume {folder.Location}";

    private async Task<TrainingResult> TrainAndRecordAsync(ComputeLanes lanes, ProgressKind progress, bool resume)
    {
        Resumption? resumption = resume ? Resumption.Find(folder, prepared.Network, prepared.Experiment.Training) : null;
        if (resumption is null || !File.Exists(folder.PlanPath))
            folder.WritePlan([RoundPlanOf(prepared)]);
        using RunRecorder recorder = new(folder, clock, resumption?.Checkpoint);
        using StopSignal signal = new(progress == ProgressKind.Live ? AnsiConsole.Console.WriteLine : error.WriteLine);
        TrainingResult result = await ShowAsync(
            progress, recorder.Record, report => TrainAndKeepAsync(lanes, report, recorder, resumption, signal)).ConfigureAwait(false);
        SafetensorsFile.Write(folder.ModelPath, result.Weights);
        RunEnd end = result.Rounds == prepared.Experiment.Training.Rounds ? RunEnd.Completed : RunEnd.Cancelled;
        RunEvent last = recorder.Record(new RunFinished(result.Evaluation?.Accuracy, result.Rounds, recorder.ElapsedSeconds, end));
        if (progress == ProgressKind.Json)
            await output.WriteLineAsync(RunEvents.ToLine(last)).ConfigureAwait(false);
        return result;
    }

    /// <summary>Trains, with a checkpoint after each round; what ends the run is its last event.</summary>
    private async Task<TrainingResult> TrainAndKeepAsync(
        ComputeLanes lanes, Action<RunEvent> report, RunRecorder recorder, Resumption? resumption, StopSignal signal)
    {
        foreach (string warning in resumption?.Warnings ?? [])
            report(new RunWarning(warning));
        TrainingResult? latest = resumption?.Start;
        try
        {
            return await prepared.TrainAsync(lanes, report, clock, resumption?.Start, Keep, stop: signal.Stop, abandon: signal.Abandon).ConfigureAwait(false);
        }
        catch (RoundFailedException failed)
        {
            report(new RunWarning(failed.Message));
            report(new RunFinished(latest?.Evaluation?.Accuracy, latest?.Rounds ?? 0, recorder.ElapsedSeconds, RunEnd.Failed));
            throw;
        }

        void Keep(TrainingResult roundDone)
        {
            latest = roundDone;
            recorder.Keep(roundDone);
        }
    }

    private async Task<TrainingResult> ShowAsync(
        ProgressKind kind, Func<RunEvent, RunEvent> record, Func<Action<RunEvent>, Task<TrainingResult>> train)
    {
        int rounds = prepared.Experiment.Training.Rounds;
        switch (kind)
        {
            case ProgressKind.Live:
                return await LiveProgress.RunAsync(AnsiConsole.Console, rounds, show => train(happened => show(record(happened)))).ConfigureAwait(false);
            case ProgressKind.Json:
                return await train(happened => output.WriteLine(RunEvents.ToLine(record(happened)))).ConfigureAwait(false);
            default:
                PlainProgress plain = new(output, rounds);
                TrainingResult result = await train(happened => plain.Show(record(happened))).ConfigureAwait(false);
                plain.Finish();
                return result;
        }
    }

    /// <summary>The runtime has no better name for a file that grows beyond its system's limit than a value out of range.</summary>
    private static bool IsFailedWrite(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException { ParamName: "value" };

    private static RoundPlan RoundPlanOf(PreparedExperiment prepared) => RoundPlan.FromFile(
        [.. prepared.Experiment.Devices.Zip(prepared.Cuts, (device, cut) => new PlannedDevice(device.Name, cut))]);
}
