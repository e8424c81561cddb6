using System.Diagnostics.CodeAnalysis;
using EdgeSplit.Compute;
using EdgeSplit.Models;

namespace EdgeSplit.Training;

/// <summary>
/// The algorithm: each round, every participating device trains from the global weights with the server-side half of its
/// own replica, and the sample-weighted mean of the whole models is the next global model.
/// </summary>
/// <param name="network">What is trained.</param>
/// <param name="training">How.</param>
/// <param name="fleet">By whom.</param>
/// <param name="lanes">Where the server's part of the arithmetic runs.</param>
/// <param name="evaluator">Judges the global model.</param>
/// <param name="report">Told of each event, one at a time.</param>
/// <param name="clock">For durations and deadlines.</param>
/// <param name="failures">What becomes of a round in which devices fail; null for <see cref="FailurePolicy.Strict"/>.</param>
public sealed class RoundLoop(
    Network network, TrainingSpec training, IFleet fleet, ComputeLanes lanes, Evaluator evaluator, Action<RunEvent> report, TimeProvider clock,
    FailurePolicy? failures = null)
{
    /// <summary>What a timer can wait for, about.</summary>
    private const double LongestSeconds = 30 * 24 * 3600;

    private readonly FailurePolicy failures = failures ?? FailurePolicy.Strict;
    private readonly Lock reporting = new();

    /// <summary>Trains round after round from fresh weights.</summary>
    /// <inheritdoc cref="RunAsync(TrainingResult, ICutPlan, Action{TrainingResult}, CancellationToken, CancellationToken)"/>
    public Task<TrainingResult> RunAsync(
        Weights initial, ICutPlan plan, CancellationToken stop = default, CancellationToken abandon = default) =>
        RunAsync(new TrainingResult(initial, Evaluation: null, Rounds: 0), plan, roundDone: null, stop, abandon);

    /// <summary>Trains round after round, from what earlier rounds came to.</summary>
    /// <param name="start">Its weights are taken over.</param>
    /// <param name="plan">Decides each round's cuts and shares.</param>
    /// <param name="roundDone">Gets what training came to after each round, to keep it; the weights are lent for the call.</param>
    /// <param name="stop">Ends training after the round at work.</param>
    /// <param name="abandon">Gives up the round at work: the result is that of the round before.</param>
    /// <returns>The weights after the last completed round; the caller's to dispose.</returns>
    /// <exception cref="RoundFailedException">A round does not come to the updates it needs.</exception>
    public async Task<TrainingResult> RunAsync(
        TrainingResult start, ICutPlan plan, Action<TrainingResult>? roundDone, CancellationToken stop = default, CancellationToken abandon = default)
    {
        (Weights global, Evaluation? evaluation, int completed) = start;
        IReadOnlySet<int>? finishedBefore = null;
        int tries = 0;
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
                RoundTerms terms = new(round, learningRate, global, failures.Deadline?.SecondsFor(planned.RoundSeconds), finishedBefore);
                RoundCollection collected = await TrainAsync(assignments, terms, plan.Observe, abandon).ConfigureAwait(false);
                if (!collected.IsEnough)
                {
                    if (++tries > failures.RepeatsAtMost)
                        throw collected.ToFailure(tries);
                    report(collected.ToRepeat());
                    finishedBefore = collected.Finished;
                    continue;
                }

                global.Dispose();
                (global, evaluation, completed) = (collected.ToMean(), null, round);
                (finishedBefore, tries) = (null, 0);
                report(new RoundFinished(round, collected.Tally.Loss, collected.Tally.Samples, clock.GetElapsedTime(began).TotalSeconds)
                {
                    ClaimedSeconds = planned.RoundSeconds,
                });

                if (round == training.Rounds || round % training.EvaluateEvery == 0 || stop.IsCancellationRequested)
                    evaluation = await EvaluateAsync(round, global, abandon).ConfigureAwait(false);
                roundDone?.Invoke(new TrainingResult(global, evaluation, completed));
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

    /// <summary>One round: every assigned device trains; their models are averaged in fleet order as they come in, without those that fail.</summary>
    private async Task<RoundCollection> TrainAsync(
        IReadOnlyList<Assignment> assignments, RoundTerms terms, Action<DeviceMeasurement> observe, CancellationToken cancellation)
    {
        using CancellationTokenSource late = DeadlineOf(terms);
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        DeviceRound device = new(network, training, fleet, lanes, failures, ReportInTurn, clock);
        Queue<(Assignment Assignment, Task<DeviceUpdate> Update)> atWork = [];
        RoundCollection collected = new(network, terms.Round, assignments.Count, failures.UpdatesNeeded(assignments.Count));
        try
        {
            foreach (Assignment assignment in assignments)
            {
                if (atWork.Count == fleet.DevicesAtOnce)
                    await CollectNextAsync().ConfigureAwait(false);
                if (collected.IsLost)
                    break;
                // Off the lanes, or a device would be done before the next one starts.
                atWork.Enqueue((assignment, Task.Run(() => device.RunAsync(assignment, terms, late.Token, ended.Token), CancellationToken.None)));
            }

            while (atWork.Count > 0 && !collected.IsLost)
                await CollectNextAsync().ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await DiscardAsync(atWork.Select(device => device.Update)).ConfigureAwait(false);
        }

        return collected;

        async Task CollectNextAsync()
        {
            (Assignment assignment, Task<DeviceUpdate> pending) = atWork.Dequeue();
            string name = fleet.NameOf(assignment.Device);
            try
            {
                using DeviceUpdate update = await pending.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                ReportInTurn(collected.Add(assignment, name, fleet.SamplesOf(assignment.Device), update));
                observe(new DeviceMeasurement(terms.Round, assignment.Device, assignment.Cut, update.ComputeSeconds));
            }
            catch (DeviceFailedException failure)
            {
                ReportInTurn(collected.LeaveOut(name, failure));
            }
        }
    }

    private CancellationTokenSource DeadlineOf(RoundTerms terms) =>
        terms.DeadlineSeconds is { } seconds ? new(TimeSpan.FromSeconds(Math.Min(seconds, LongestSeconds)), clock) : new();

    /// <summary>Devices are at work side by side; what is told of them comes one at a time.</summary>
    private void ReportInTurn(RunEvent happened)
    {
        lock (reporting)
            report(happened);
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

/// <summary>What training came to, or has come to so far.</summary>
/// <param name="Weights">The last global model; the caller's to dispose.</param>
/// <param name="Evaluation">Of those weights; null where they were not evaluated.</param>
/// <param name="Rounds">Rounds completed.</param>
public sealed record TrainingResult(Weights Weights, Evaluation? Evaluation, int Rounds);
