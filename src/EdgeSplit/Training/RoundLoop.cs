using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Training.Methods;

namespace EdgeSplit.Training;

/// <summary>
/// The algorithm: each round, devices are drawn, their cuts decided, and the method has them train; what it makes of the global
/// model is the next one.
/// </summary>
/// <param name="network">What is trained.</param>
/// <param name="training">How.</param>
/// <param name="fleet">By whom.</param>
/// <param name="lanes">Where the server's part of the arithmetic runs.</param>
/// <param name="evaluator">Judges the global model; null where nothing does.</param>
/// <param name="report">Told of each event, one at a time.</param>
/// <param name="clock">For durations and deadlines.</param>
/// <param name="failures">What becomes of a round in which devices fail; null for <see cref="FailurePolicy.Strict"/>.</param>
public sealed class RoundLoop(
    Network network, TrainingSpec training, IFleet fleet, ComputeLanes lanes, Evaluator? evaluator, Action<RunEvent> report, TimeProvider clock,
    FailurePolicy? failures = null)
{
    private readonly FailurePolicy failures = failures ?? FailurePolicy.Strict;
    private readonly IRoundMethod method = RoundMethods.Of(training.Method);
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
        Weights? velocity = start.Velocity;
        RunSetting run = new(network, training, fleet, lanes, this.failures, ReportInTurn, plan.Observe, clock);
        IReadOnlySet<int>? finishedBefore = null;
        int tries = 0;
        double? secondsBefore = null;
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
                RoundAttempt attempt = new(run, terms, assignments, abandon);
                Weights? next = await TrainAsync(attempt, planned.RoundSeconds, secondsBefore).ConfigureAwait(false);
                RoundCollection collected = attempt.Collected;
                if (next is null)
                {
                    if (++tries > failures.RepeatsAtMost || collected.IsHopeless)
                        throw collected.ToFailure(tries, learningRate);
                    report(collected.ToRepeat());
                    finishedBefore = collected.Finished;
                    continue;
                }

                if (training.ServerMomentum > 0)
                    velocity = ServerMomentum.Move(network, training.ServerMomentum, global, next, velocity);
                global.Dispose();
                (global, evaluation, completed) = (next, null, round);
                (finishedBefore, tries) = (null, 0);
                secondsBefore = clock.GetElapsedTime(began).TotalSeconds;
                report(new RoundFinished(round, collected.Tally.Loss, collected.Tally.Samples, secondsBefore.Value)
                {
                    ClaimedSeconds = planned.RoundSeconds,
                });

                if (evaluator is not null && (round == training.Rounds || round % training.EvaluateEvery == 0 || stop.IsCancellationRequested))
                    evaluation = await EvaluateAsync(evaluator, round, global, abandon).ConfigureAwait(false);
                roundDone?.Invoke(new TrainingResult(global, evaluation, completed) { Velocity = velocity });
            }
        }
        catch (OperationCanceledException) when (abandon.IsCancellationRequested)
        {
            // What the rounds before came to is the result.
        }

        return new TrainingResult(global, evaluation, completed) { Velocity = velocity };
    }

    private async Task<Weights?> TrainAsync(RoundAttempt attempt, double? claimedSeconds, double? secondsBefore)
    {
        if (!failures.TellsOfWaiting)
            return await method.TrainAsync(attempt).ConfigureAwait(false);
        RoundWatch watch = new(attempt, claimedSeconds, secondsBefore);
        await using (watch.ConfigureAwait(false))
            return await method.TrainAsync(attempt).ConfigureAwait(false);
    }

    private async Task<Evaluation> EvaluateAsync(Evaluator evaluator, int round, Weights global, CancellationToken cancellation)
    {
        Evaluation evaluation = await evaluator.EvaluateAsync(global, cancellation).ConfigureAwait(false);
        report(new Evaluated(round, evaluation.Accuracy, evaluation.Loss, evaluation.Samples));
        return evaluation;
    }

    /// <summary>Devices are at work side by side; what is told of them comes one at a time.</summary>
    private void ReportInTurn(RunEvent happened)
    {
        lock (reporting)
            report(happened);
    }
}

/// <summary>What training came to, or has come to so far.</summary>
/// <param name="Weights">The last global model; the caller's to dispose.</param>
/// <param name="Evaluation">Of those weights; null where they were not evaluated.</param>
/// <param name="Rounds">Rounds completed.</param>
public sealed record TrainingResult(Weights Weights, Evaluation? Evaluation, int Rounds)
{
    /// <summary>
    /// What server momentum keeps from round to round, by trainable parameter in float32, in memory of its own; null without it, and
    /// before the first round. To go on from a result with the same bits, this goes with the weights.
    /// </summary>
    public Weights? Velocity { get; init; }
}
