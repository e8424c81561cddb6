using System.Globalization;
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

/// <summary>Trains from where it starts to the last round, or until it is asked to end.</summary>
internal delegate Task<TrainingResult> Training(RunSupervision supervision);

/// <summary>An experiment trained by this process, wherever its devices are: shown while it trains, and written to its run folder.</summary>
/// <param name="start">What is trained, from where on, and where it is written.</param>
/// <param name="command">The command that trains it, and can go on with it.</param>
/// <param name="signal">Ends it.</param>
/// <param name="output">For progress.</param>
internal sealed class TrainingRun(RunStart start, string command, StopSignal signal, TextWriter output)
{
    private readonly TimeProvider clock = TimeProvider.System;
    private readonly PreparedExperiment prepared = start.Prepared;
    private readonly RunFolder folder = start.Claim.Folder;

    /// <summary>Trains with progress, then writes the weights and the run's last event.</summary>
    /// <param name="training">The training itself.</param>
    /// <param name="progress">How it shows.</param>
    /// <exception cref="IOException">The run folder cannot be written any more; the message names it.</exception>
    /// <exception cref="RoundFailedException">A round does not come to the updates it needs; the rounds before are kept.</exception>
    public async Task<TrainingResult> TrainAsync(Training training, ProgressKind progress)
    {
        try
        {
            return await TrainAndRecordAsync(training, progress).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsFailedWrite(exception))
        {
            throw new IOException(
                $"{folder.Location}: the run ended because it could not be written: {FileTrouble.DescribeWithFile(exception)}; make room there and go on with: {RunSummary.ResumeCommand(command, folder)}",
                exception);
        }
        catch (RoundFailedException failed)
        {
            throw new RoundFailedException($"{failed.Message}; {AdviceOf(failed)}", failed);
        }
    }

    /// <summary>What is kept, and how to go on: where training diverged, not the same way again.</summary>
    private string AdviceOf(RoundFailedException failed)
    {
        string resume = RunSummary.ResumeCommand(command, folder);
        return failed.DivergedAt is { } rate
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"the rounds before are kept, and {folder.ModelPath} has the last good weights; go on with a smaller learning rate: {resume} --set training.learningRate={rate / 10:G3}")
            : $"the rounds before are kept, go on with: {resume}";
    }

    private async Task<TrainingResult> TrainAndRecordAsync(Training training, ProgressKind progress)
    {
        Resumption? resumption = start.Resumption;
        if (start.Claim.IsNew)
            start.Claim.Begin(prepared.Experiment);
        if (start.Change is { } change)
            start.Claim.Change(change);
        using RunRecorder recorder = new(start.Claim, clock, resumption?.Checkpoint) { Contract = prepared.Contract };
        signal.BeginTraining();
        TrainingResult result = await ShowAsync(progress, recorder.Record, report =>
        {
            foreach (string warning in resumption?.Warnings ?? [])
                report(new RunWarning(warning));
            return TrainAsync(training, recorder, new RunSupervision(recorder.WithChanges(report))
            {
                Start = resumption?.Start,
                PlanInForce = resumption?.PlanInForce,
                NumericsBefore = resumption?.Numerics,
                Stop = signal.Stop,
                Abandon = signal.Abandon,
            });
        }).ConfigureAwait(false);
        SafetensorsFile.Write(folder.ModelPath, result.Weights, ContractMetadata.Of(prepared.Contract));
        RunEnd end = result.Rounds == prepared.Experiment.Training.Rounds ? RunEnd.Completed : RunEnd.Cancelled;
        RunEvent last = recorder.Record(new RunFinished(result.Evaluation?.Accuracy, result.Rounds, recorder.ElapsedSeconds, end));
        if (progress == ProgressKind.Json)
            await output.WriteLineAsync(RunEvents.ToLine(last)).ConfigureAwait(false);
        return result;
    }

    /// <summary>Trains, with a checkpoint after each round; where a round fails, that is the run's last event, and the weights are those before it.</summary>
    private async Task<TrainingResult> TrainAsync(Training training, RunRecorder recorder, RunSupervision supervision)
    {
        TrainingResult? latest = supervision.Start;
        try
        {
            return await training(supervision with { RoundDone = Keep }).ConfigureAwait(false);
        }
        catch (RoundFailedException failed)
        {
            supervision.Report(new RunWarning(failed.Message));
            if (folder.Checkpoints.Latest(prepared.Network, _ => { }) is { Weights: var kept, Velocity: var velocity })
            {
                SafetensorsFile.Write(folder.ModelPath, kept, ContractMetadata.Of(prepared.Contract));
                kept.Dispose();
                velocity?.Dispose();
            }

            supervision.Report(new RunFinished(latest?.Evaluation?.Accuracy, latest?.Rounds ?? 0, recorder.ElapsedSeconds, RunEnd.Failed));
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
