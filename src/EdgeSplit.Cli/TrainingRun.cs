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

/// <summary>Trains from the first round to the last, or until it is asked to stop after a round, or to give the round up.</summary>
internal delegate Task<TrainingResult> Training(Action<RunEvent> report, CancellationToken stop, CancellationToken abandon);

/// <summary>An experiment trained by this process, wherever its devices are: shown while it trains, and written to its run folder.</summary>
internal sealed class TrainingRun(PreparedExperiment prepared, RunFolder folder, TextWriter output, TextWriter error)
{
    private readonly TimeProvider clock = TimeProvider.System;

    /// <summary>Trains with progress, then writes the weights and the run's last event.</summary>
    /// <param name="training">The training itself.</param>
    /// <param name="progress">How it shows.</param>
    /// <exception cref="IOException">The run folder cannot be written any more; the message names it.</exception>
    public async Task<TrainingResult> TrainAsync(Training training, ProgressKind progress)
    {
        try
        {
            return await TrainAndRecordAsync(training, progress).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"{folder.Location}: the run ended because it could not be written: {exception.Message.TrimEnd('.')}; make room there, or train again with another --out",
                exception);
        }
    }

    private async Task<TrainingResult> TrainAndRecordAsync(Training training, ProgressKind progress)
    {
        long began = clock.GetTimestamp();
        using RunRecorder recorder = new(folder, clock);
        using StopSignal signal = new(progress == ProgressKind.Live ? AnsiConsole.Console.WriteLine : error.WriteLine);
        TrainingResult result = await ShowAsync(
            progress,
            recorder.Record,
            report => training(report, signal.Stop, signal.Abandon)).ConfigureAwait(false);
        SafetensorsFile.Write(folder.ModelPath, result.Weights);
        RunEnd end = result.Rounds == prepared.Experiment.Training.Rounds ? RunEnd.Completed : RunEnd.Cancelled;
        RunFinished finished = new(result.Evaluation?.Accuracy, result.Rounds, clock.GetElapsedTime(began).TotalSeconds, end);
        RunEvent last = recorder.Record(finished);
        if (progress == ProgressKind.Json)
            await output.WriteLineAsync(RunEvents.ToLine(last)).ConfigureAwait(false);
        return result;
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
}
