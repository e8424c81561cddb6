using EdgeSplit.Compute;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Training;

namespace EdgeSplit.Experiments.Comparisons;

/// <summary>
/// Makes a comparison's trainings, several at once on the same lanes: those of one device at a time leave lanes to others. What shares
/// lanes with what changes no result, since batches, masks and the order of averaging depend on the seed alone.
/// </summary>
/// <param name="folder">Where the runs go; those that are done there are kept.</param>
/// <param name="prepareAsync">Reads an experiment's data.</param>
/// <param name="lanes">Where the arithmetic runs.</param>
/// <param name="report">Told of every event of every training, one at a time.</param>
/// <param name="clock">For durations.</param>
public sealed class ComparisonRunner(
    ComparisonFolder folder, Func<Experiment, Task<PreparedExperiment>> prepareAsync, ComputeLanes lanes,
    Action<ComparisonTraining, RunEvent> report, TimeProvider clock)
{
    private readonly Lock reporting = new();

    /// <summary>Whether a training's run is there and complete.</summary>
    public bool IsDone(ComparisonTraining training) => folder.RunOf(training) is { IsComplete: true };

    /// <summary>Trains what is not done yet; what has begun goes on from its last round.</summary>
    /// <param name="trainings">All trainings of the comparison.</param>
    /// <param name="stop">Ends each training at work after its round, and begins no other.</param>
    /// <param name="abandon">Gives up the rounds at work.</param>
    /// <returns>Whether all of them are done.</returns>
    /// <exception cref="RoundFailedException">A round of one of them fails; the others are given up after their last whole round.</exception>
    public async Task<bool> TrainAsync(IReadOnlyList<ComparisonTraining> trainings, CancellationToken stop, CancellationToken abandon)
    {
        ComparisonTraining[] open = [.. trainings.Where(training => !IsDone(training))];
        ParallelOptions options = new() { MaxDegreeOfParallelism = lanes.Count, CancellationToken = CancellationToken.None };
        await Parallel.ForEachAsync(open, options, async (training, ended) =>
        {
            using CancellationTokenSource given = CancellationTokenSource.CreateLinkedTokenSource(abandon, ended);
            if (!stop.IsCancellationRequested)
                await TrainAsync(training, stop, given.Token).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return trainings.All(IsDone);
    }

    private async Task TrainAsync(ComparisonTraining training, CancellationToken stop, CancellationToken abandon)
    {
        PreparedExperiment prepared = await prepareAsync(training.Experiment).ConfigureAwait(false);
        using RunClaim claim = RunClaim.OfNew(folder.PathOf(training), training.Name, force: true);
        Resumption? resumption = folder.RunOf(training) is { } begun
            ? Resumption.Find(begun, prepared.Network, prepared.Experiment.Training, prepared.Contract)
            : null;
        if (resumption is null)
            claim.Begin(training.Experiment);
        using RunRecorder recorder = new(claim, clock, resumption?.Checkpoint) { Contract = prepared.Contract };
        foreach (string warning in resumption?.Warnings ?? [])
            Report(training, recorder.Record(new RunWarning(warning)));
        RunSupervision supervision = new(happened => Report(training, recorder.Record(happened)))
        {
            NumericsBefore = resumption?.Numerics,
            Start = resumption?.Start,
            RoundDone = recorder.Keep,
            Stop = stop,
            Abandon = abandon,
        };
        TrainingResult result = await TrainAsync(training, prepared, supervision).ConfigureAwait(false);
        using (result.Weights)
            SafetensorsFile.Write(claim.Folder.ModelPath, result.Weights, ContractMetadata.Of(prepared.Contract));
        RunEnd end = result.Rounds == training.Experiment.Training.Rounds ? RunEnd.Completed : RunEnd.Cancelled;
        Report(training, recorder.Record(new RunFinished(result.Evaluation?.Accuracy, result.Rounds, recorder.ElapsedSeconds, end)));
    }

    private async Task<TrainingResult> TrainAsync(ComparisonTraining training, PreparedExperiment prepared, RunSupervision supervision)
    {
        try
        {
            return await prepared.TrainAsync(ExperimentPlan.Of(prepared, isOneMachine: true, clock), lanes, clock, supervision).ConfigureAwait(false);
        }
        catch (RoundFailedException failed)
        {
            throw new RoundFailedException($"{training.Name}: {failed.Message}", failed);
        }
    }

    private void Report(ComparisonTraining training, RunEvent happened)
    {
        lock (reporting)
            report(training, happened);
    }
}
