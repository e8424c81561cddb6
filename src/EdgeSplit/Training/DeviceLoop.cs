using System.Globalization;
using EdgeSplit.Compute;
using EdgeSplit.Data;
using EdgeSplit.Models;
using EdgeSplit.Numerics;
using EdgeSplit.Wire;

namespace EdgeSplit.Training;

/// <summary>
/// A device's side of training, until the server closes the link. It is the same loop in one process, simulated, and over
/// a network: only the link differs.
/// </summary>
public sealed class DeviceLoop(int device, Network network, TrainingSpec training, DeviceData data, ComputeLanes lanes, DevicePace pace)
{
    /// <summary>Told of each round, and of what the device waits for, in words for people.</summary>
    public Action<string>? Tell { get; init; }

    /// <summary>Answers each <see cref="Message.RoundStart"/> with local steps and a <see cref="Message.RoundEnd"/>.</summary>
    /// <remarks>
    /// The start of another round, or of the same one again, may come while a round is at work: the server goes on without this
    /// device's part in it. It is then given up at the next step.
    /// </remarks>
    public async Task RunAsync(ILink link, CancellationToken cancellation)
    {
        try
        {
            Message.RoundStart? start = null;
            while (true)
            {
                start ??= StartOf(await link.ReceiveAsync(cancellation).ConfigureAwait(false), earliest: 1);
                start = await RunRoundAsync(link, start, cancellation).ConfigureAwait(false);
            }
        }
        catch (LinkClosedException)
        {
            // Whatever was at work has no one left to send it to.
        }
    }

    /// <summary>A round from its start to its end, or to the start of another, which is the result.</summary>
    private async Task<Message.RoundStart?> RunRoundAsync(ILink link, Message.RoundStart start, CancellationToken cancellation)
    {
        link.Agree(new RoundAgreement(network, start.Round, start.Cut, training.BatchSize, start.Share));
        long began = pace.Clock.GetTimestamp();
        SegmentSpec spec = new(network, First: 1, Last: start.Cut, training.Optimizer);
        using ISegment segment = await lanes.RunAsync(() => lanes.Engine.Build(spec, start.Weights)).ConfigureAwait(false);
        bool isWhole = start.Cut == network.Length;
        LocalRound local = isWhole
            ? await TrainWholeAsync(segment, link, start, cancellation).ConfigureAwait(false)
            : await TrainSplitAsync(segment, link, start, cancellation).ConfigureAwait(false);
        if (local.Next is { } next)
        {
            Tell?.Invoke($"round {start.Round} is given up: the server {(next.Round == start.Round ? "begins it again" : $"is at round {next.Round}")}");
            return next;
        }

        Weights trained = await lanes.RunAsync(segment.Save).ConfigureAwait(false);
        await link.SendAsync(new Message.RoundEnd(start.Round, trained, isWhole ? local.Tally : null, local.Seconds), cancellation).ConfigureAwait(false);
        Tell?.Invoke(string.Create(
            CultureInfo.InvariantCulture,
            $"round {start.Round} done: {local.Steps} steps, cut {start.Cut} of {network.Length}, {pace.Clock.GetElapsedTime(began).TotalSeconds:0.00} s, {local.Seconds:0.00} s of it work; waiting for the next"));
        return null;
    }

    /// <summary>c &lt; L: smashed data up, cut-layer gradient down, once per mini-batch.</summary>
    private async Task<LocalRound> TrainSplitAsync(ISegment segment, ILink link, Message.RoundStart start, CancellationToken cancellation)
    {
        int step = 0;
        double seconds = 0;
        foreach (int[] samples in data.BatchesOf(start.Round, training.LocalWork))
        {
            if (link.TryReceive(out Message? early))
                return LocalRound.GivenUpFor(StartOf(early, start.Round));
            StepKey key = new(training.Seed, device, start.Round, step);
            (Message.StepUp up, double forward) = await TimeAsync(() =>
            {
                using Batch batch = data.Read(samples, key);
                return new Message.StepUp(start.Round, key.Step, segment.Forward(batch.Inputs, key), batch.Labels);
            }).ConfigureAwait(false);
            seconds += await pace.PassAsync(DeviceWork.Forward, start.Cut, samples.Length, forward, cancellation).ConfigureAwait(false);
            await link.SendAsync(up, cancellation).ConfigureAwait(false);

            Message answer = await link.ReceiveAsync(cancellation).ConfigureAwait(false);
            if (answer is not Message.StepDown down)
                return LocalRound.GivenUpFor(StartOf(answer, start.Round));
            using HostTensor gradient = down.CutLayerGradient;
            if (down.Round != start.Round || down.Step != step)
            {
                throw new ProtocolException(
                    $"Expected the gradient of round {start.Round}, step {step}, received that of round {down.Round}, step {down.Step}.");
            }

            (_, double backward) = await TimeAsync(() =>
            {
                segment.Backward(gradient)?.Dispose();
                segment.Step(start.LearningRate);
                return true;
            }).ConfigureAwait(false);
            seconds += await pace.PassAsync(DeviceWork.Backward, start.Cut, samples.Length, backward, cancellation).ConfigureAwait(false);
            step++;
        }

        return new LocalRound(default, seconds, step);
    }

    /// <summary>c = L: nothing to send until the round ends.</summary>
    private async Task<LocalRound> TrainWholeAsync(ISegment segment, ILink link, Message.RoundStart start, CancellationToken cancellation)
    {
        TrainingTally tally = default;
        double total = 0;
        foreach (int[] samples in data.BatchesOf(start.Round, training.LocalWork))
        {
            cancellation.ThrowIfCancellationRequested();
            if (link.TryReceive(out Message? early))
                return LocalRound.GivenUpFor(StartOf(early, start.Round));
            StepKey key = new(training.Seed, device, start.Round, tally.Steps);
            (tally, double seconds) = await TimeAsync(() =>
            {
                using Batch batch = data.Read(samples, key);
                LossOutcome outcome = segment.ForwardBackward(batch.Inputs, batch.Labels, key);
                segment.Step(start.LearningRate);
                return tally.Add(outcome, batch.Count);
            }).ConfigureAwait(false);
            total += await pace.PassAsync(DeviceWork.Whole, start.Cut, samples.Length, seconds, cancellation).ConfigureAwait(false);
        }

        return new LocalRound(tally, total, tally.Steps);
    }

    private static Message.RoundStart StartOf(Message message, int earliest)
    {
        if (message is Message.RoundStart start && start.Round >= earliest)
            return start;
        message.Discard();
        throw new ProtocolException($"Expected the start of a round, received {message.GetType().Name} of round {message.Round}.");
    }

    /// <summary>Runs work on a lane; the seconds are its own, without the wait for a lane.</summary>
    private Task<(T Result, double Seconds)> TimeAsync<T>(Func<T> work) => lanes.RunAsync(() =>
    {
        long began = pace.Clock.GetTimestamp();
        T result = work();
        return (result, pace.Clock.GetElapsedTime(began).TotalSeconds);
    });

    /// <summary>What the device saw of losses, where it ran the last block, and the seconds its own work took.</summary>
    /// <param name="Tally">Of a fully local round; else empty.</param>
    /// <param name="Seconds">Forward, backward and optimizer steps.</param>
    /// <param name="Steps">Mini-batches it went through.</param>
    /// <param name="Next">The start that came before the round was done; null where it was done.</param>
    private readonly record struct LocalRound(TrainingTally Tally, double Seconds, int Steps, Message.RoundStart? Next = null)
    {
        public static LocalRound GivenUpFor(Message.RoundStart next) => new(default, 0, 0, next);
    }
}
