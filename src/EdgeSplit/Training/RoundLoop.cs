using System.Diagnostics.CodeAnalysis;
using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Wire;

namespace EdgeSplit.Training;

/// <summary>
/// The algorithm: each round, every participating device trains from the global weights with the server-side half of its
/// own replica, and the sample-weighted mean of the whole models is the next global model.
/// </summary>
public sealed class RoundLoop(
    Network network, TrainingSpec training, IFleet fleet, ComputeLanes lanes, Evaluator evaluator, Action<RunEvent> report, TimeProvider clock)
{
    /// <summary>Trains round after round.</summary>
    /// <param name="initial">The weights to start from; taken over.</param>
    /// <param name="plan">Decides each round's cuts and shares.</param>
    /// <param name="stop">Ends training after the round at work.</param>
    /// <param name="abandon">Gives up the round at work: the result is that of the round before.</param>
    /// <returns>The weights after the last completed round; the caller's to dispose.</returns>
    public async Task<TrainingResult> RunAsync(
        Weights initial, ICutPlan plan, CancellationToken stop = default, CancellationToken abandon = default)
    {
        Weights global = initial;
        Evaluation? evaluation = null;
        int completed = 0;
        try
        {
            while (completed < training.Rounds && !stop.IsCancellationRequested)
            {
                int round = completed + 1;
                double learningRate = training.LearningRate.At(round, training.Rounds);
                PlannedRound planned = plan.Decide(round, Participation.Draw(plan.Devices, training.Participation, training.Seed, round));
                IReadOnlyList<Assignment> assignments = planned.Assignments;
                if (planned.Decision is { } decision)
                    report(decision);
                report(new RoundStarted(
                    round, learningRate, [.. assignments.Select(one => fleet.NameOf(one.Device))], [.. assignments.Select(one => one.Cut)]));

                long began = clock.GetTimestamp();
                (Weights mean, TrainingTally tally) =
                    await TrainAsync(assignments, round, learningRate, global, plan.Observe, abandon).ConfigureAwait(false);
                global.Dispose();
                (global, evaluation, completed) = (mean, null, round);
                report(new RoundFinished(round, tally.Loss, tally.Samples, clock.GetElapsedTime(began).TotalSeconds));

                if (round == training.Rounds || round % training.EvaluateEvery == 0 || stop.IsCancellationRequested)
                    evaluation = await EvaluateAsync(round, global, abandon).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (abandon.IsCancellationRequested)
        {
            // What the rounds before came to is the result.
        }

        return new TrainingResult(global, evaluation, completed);
    }

    private async Task<Evaluation> EvaluateAsync(int round, Weights global, CancellationToken cancellation)
    {
        Evaluation evaluation = await evaluator.EvaluateAsync(global, cancellation).ConfigureAwait(false);
        report(new Evaluated(round, evaluation.Accuracy, evaluation.Loss, evaluation.Samples));
        return evaluation;
    }

    /// <summary>One round: every assigned device trains; their models are averaged in fleet order as they come in.</summary>
    private async Task<(Weights Mean, TrainingTally Tally)> TrainAsync(
        IReadOnlyList<Assignment> assignments, int round, double learningRate, Weights global, Action<DeviceMeasurement> observe,
        CancellationToken cancellation)
    {
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Queue<(Assignment Assignment, Task<DeviceUpdate> Update)> atWork = [];
        WeightedMean mean = new(network);
        TrainingTally tally = default;
        try
        {
            foreach (Assignment assignment in assignments)
            {
                if (atWork.Count == fleet.DevicesAtOnce)
                    await AverageNextAsync().ConfigureAwait(false);
                // Off the lanes, or a device would be done before the next one starts.
                atWork.Enqueue((assignment, Task.Run(() => TrainDeviceAsync(assignment, round, learningRate, global, ended.Token), CancellationToken.None)));
            }

            while (atWork.Count > 0)
                await AverageNextAsync().ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await DiscardAsync(atWork.Select(device => device.Update)).ConfigureAwait(false);
        }

        return (mean.ToWeights(), tally);

        async Task AverageNextAsync()
        {
            (Assignment assignment, Task<DeviceUpdate> pending) = atWork.Dequeue();
            using DeviceUpdate update = await pending.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            mean.Add(update.Model, fleet.SamplesOf(assignment.Device));
            tally += update.Tally;
            report(new DeviceFinished(
                round, fleet.NameOf(assignment.Device), assignment.Cut, update.Tally.Samples, update.Tally.Steps, update.Tally.Loss,
                update.BytesUp, update.BytesDown, update.Seconds));
            observe(new DeviceMeasurement(round, assignment.Device, assignment.Cut, update.ComputeSeconds));
        }
    }

    private async Task<DeviceUpdate> TrainDeviceAsync(
        Assignment assignment, int round, double learningRate, Weights global, CancellationToken cancellation)
    {
        long began = clock.GetTimestamp();
        ILink link = await fleet.ConnectAsync(assignment.Device, cancellation).ConfigureAwait(false);
        await using (link.ConfigureAwait(false))
        {
            DeviceUpdate update = await new ServerSession(network, training, lanes)
                .RunRoundAsync(link, assignment, round, learningRate, global, cancellation).ConfigureAwait(false);
            return update with { Seconds = clock.GetElapsedTime(began).TotalSeconds };
        }
    }

    /// <summary>Waits for devices whose round was abandoned, so that nothing of them is left.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The failure that matters is already on its way up.")]
    private static async Task DiscardAsync(IEnumerable<Task<DeviceUpdate>> abandoned)
    {
        foreach (Task<DeviceUpdate> update in abandoned)
        {
            try
            {
                (await update.ConfigureAwait(false)).Dispose();
            }
            catch (Exception)
            {
                // Cancelled, or failed for the same reason.
            }
        }
    }
}

/// <summary>What training came to.</summary>
/// <param name="Weights">The last global model; the caller's to dispose.</param>
/// <param name="Evaluation">Of those weights; null where training was stopped before they were evaluated.</param>
/// <param name="Rounds">Rounds completed.</param>
public sealed record TrainingResult(Weights Weights, Evaluation? Evaluation, int Rounds);
