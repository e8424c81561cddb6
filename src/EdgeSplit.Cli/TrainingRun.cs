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
internal sealed class TrainingRun(PreparedExperiment prepared, ICutPlan plan, RunFolder folder, TextWriter output, TextWriter error)
{
    private readonly TimeProvider clock = TimeProvider.System;

    /// <summary>Trains with progress, then writes the weights and the run's last event.</summary>
    /// <exception cref="IOException">The run folder cannot be written any more; the message names it.</exception>
    public async Task<TrainingResult> TrainAsync(ComputeLanes lanes, ProgressKind progress)
    {
        try
        {
            return await TrainAndRecordAsync(lanes, progress).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"{folder.Location}: the run ended because it could not be written: {exception.Message.TrimEnd('.')}; make room there, or train again with another --out",
                exception);
        }
    }

    private async Task<TrainingResult> TrainAndRecordAsync(ComputeLanes lanes, ProgressKind progress)
    {
        long began = clock.GetTimestamp();
        using RunRecorder recorder = new(folder, clock);
        using StopSignal signal = new(progress == ProgressKind.Live ? AnsiConsole.Console.WriteLine : error.WriteLine);
        TrainingResult result = await ShowAsync(
            progress,
            recorder.Record,
            report => prepared.TrainAsync(plan, lanes, report, clock, signal.Stop, signal.Abandon)).ConfigureAwait(false);
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
