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

/// <summary>Trains to the last round, or until it is asked to stop after a round, or to give the round up.</summary>
/// <param name="start">What earlier rounds came to; null to begin with the first.</param>
/// <param name="roundDone">Gets what training came to after each round, to keep it.</param>
/// <param name="report">Told of each event, one at a time.</param>
/// <param name="stop">Ends training after the round at work.</param>
/// <param name="abandon">Gives up the round at work.</param>
internal delegate Task<TrainingResult> Training(
    TrainingResult? start, Action<TrainingResult> roundDone, Action<RunEvent> report, CancellationToken stop, CancellationToken abandon);

/// <summary>An experiment trained by this process, wherever its devices are: shown while it trains, and written to its run folder.</summary>
/// <param name="prepared">The experiment.</param>
/// <param name="command">The command that trains it, and can go on with it.</param>
/// <param name="folder">The run's.</param>
/// <param name="output">Where progress shows.</param>
/// <param name="error">Where else people are told of something.</param>
internal sealed class TrainingRun(
    PreparedExperiment prepared, string command, RunFolder folder, TextWriter output, TextWriter error)
{
    private readonly TimeProvider clock = TimeProvider.System;

    /// <summary>Trains with progress, then writes the weights and the run's last event.</summary>
    /// <param name="training">The training itself.</param>
    /// <param name="progress">How it shows itself.</param>
    /// <param name="resume">Goes on from the folder's last sound checkpoint.</param>
    /// <exception cref="IOException">The run folder cannot be written any more; the message names it.</exception>
    /// <exception cref="RoundFailedException">A round does not come to the updates it needs; the rounds before are kept.</exception>
    public async Task<TrainingResult> TrainAsync(Training training, ProgressKind progress, bool resume = false)
    {
        try
        {
            return await TrainAndRecordAsync(training, progress, resume).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsFailedWrite(exception))
        {
            throw new IOException(
                $"{folder.Location}: the run ended because it could not be written: {exception.Message.TrimEnd('.')}; make room there and go on with: {RunSummary.ResumeCommand(command, folder)}",
                exception);
        }
        catch (RoundFailedException failed)
        {
            throw new RoundFailedException($"{failed.Message}; the rounds before are kept, go on with: {RunSummary.ResumeCommand(command, folder)}", failed);
        }
    }

    private async Task<TrainingResult> TrainAndRecordAsync(Training training, ProgressKind progress, bool resume)
    {
        Resumption? resumption = resume ? Resumption.Find(folder, prepared.Network, prepared.Experiment.Training) : null;
        using RunRecorder recorder = new(folder, clock, resumption?.Checkpoint);
        using StopSignal signal = new(progress == ProgressKind.Live ? AnsiConsole.Console.WriteLine : error.WriteLine);
        TrainingResult result = await ShowAsync(
            progress, recorder.Record, report => TrainAndKeepAsync(training, report, recorder, resumption, signal)).ConfigureAwait(false);
        SafetensorsFile.Write(folder.ModelPath, result.Weights);
        RunEnd end = result.Rounds == prepared.Experiment.Training.Rounds ? RunEnd.Completed : RunEnd.Cancelled;
        RunEvent last = recorder.Record(new RunFinished(result.Evaluation?.Accuracy, result.Rounds, recorder.ElapsedSeconds, end));
        if (progress == ProgressKind.Json)
            await output.WriteLineAsync(RunEvents.ToLine(last)).ConfigureAwait(false);
        return result;
    }

    /// <summary>Trains, with a checkpoint after each round; what ends the run is its last event.</summary>
    private async Task<TrainingResult> TrainAndKeepAsync(
        Training training, Action<RunEvent> report, RunRecorder recorder, Resumption? resumption, StopSignal signal)
    {
        foreach (string warning in resumption?.Warnings ?? [])
            report(new RunWarning(warning));
        TrainingResult? latest = resumption?.Start;
        try
        {
            return await training(resumption?.Start, Keep, report, signal.Stop, signal.Abandon).ConfigureAwait(false);
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
}
