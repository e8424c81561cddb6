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
    /// <summary>Answers each <see cref="Message.RoundStart"/> with local steps and a <see cref="Message.RoundEnd"/>.</summary>
    public async Task RunAsync(ILink link, CancellationToken cancellation)
    {
        while (true)
        {
            Message message;
            try
            {
                message = await link.ReceiveAsync(cancellation).ConfigureAwait(false);
            }
            catch (LinkClosedException)
            {
                return;
            }

            if (message is not Message.RoundStart start)
                throw new ProtocolException($"Expected the start of a round, received {message.GetType().Name}.");
            await RunRoundAsync(link, start, cancellation).ConfigureAwait(false);
        }
    }

    private async Task RunRoundAsync(ILink link, Message.RoundStart start, CancellationToken cancellation)
    {
        link.Agree(new RoundAgreement(network, start.Round, start.Cut, training.BatchSize, start.Share));
        SegmentSpec spec = new(network, First: 1, Last: start.Cut, training.Optimizer);
        using ISegment segment = await lanes.RunAsync(() => lanes.Engine.Build(spec, start.Weights)).ConfigureAwait(false);
        bool isWhole = start.Cut == network.Length;
        LocalRound local = isWhole
            ? await TrainWholeAsync(segment, start, cancellation).ConfigureAwait(false)
            : await TrainSplitAsync(segment, link, start, cancellation).ConfigureAwait(false);
        Weights trained = await lanes.RunAsync(segment.Save).ConfigureAwait(false);
        await link.SendAsync(new Message.RoundEnd(start.Round, trained, isWhole ? local.Tally : null, local.Seconds), cancellation).ConfigureAwait(false);
    }

    /// <summary>c &lt; L: smashed data up, cut-layer gradient down, once per mini-batch.</summary>
    private async Task<LocalRound> TrainSplitAsync(ISegment segment, ILink link, Message.RoundStart start, CancellationToken cancellation)
    {
        int step = 0;
        double seconds = 0;
        foreach (int[] samples in data.BatchesOf(start.Round, training.LocalWork))
        {
            StepKey key = new(training.Seed, device, start.Round, step);
            (Message.StepUp up, double forward) = await TimeAsync(() =>
            {
                using Batch batch = data.Read(samples, key);
                return new Message.StepUp(start.Round, key.Step, segment.Forward(batch.Inputs, key), batch.Labels);
            }).ConfigureAwait(false);
            seconds += await pace.PassAsync(DeviceWork.Forward, start.Cut, samples.Length, forward, cancellation).ConfigureAwait(false);
            await link.SendAsync(up, cancellation).ConfigureAwait(false);

            Message answer = await link.ReceiveAsync(cancellation).ConfigureAwait(false);
            if (answer is not Message.StepDown down || down.Round != start.Round || down.Step != step)
                throw new ProtocolException($"Expected the gradient of round {start.Round}, step {step}, received {answer.GetType().Name}.");
            using HostTensor gradient = down.CutLayerGradient;
            (_, double backward) = await TimeAsync(() =>
            {
                segment.Backward(gradient)?.Dispose();
                segment.Step(start.LearningRate);
                return true;
            }).ConfigureAwait(false);
            seconds += await pace.PassAsync(DeviceWork.Backward, start.Cut, samples.Length, backward, cancellation).ConfigureAwait(false);
            step++;
        }

        return new LocalRound(default, seconds);
    }

    /// <summary>c = L: nothing to send until the round ends.</summary>
    private async Task<LocalRound> TrainWholeAsync(ISegment segment, Message.RoundStart start, CancellationToken cancellation)
    {
        TrainingTally tally = default;
        double total = 0;
        foreach (int[] samples in data.BatchesOf(start.Round, training.LocalWork))
        {
            cancellation.ThrowIfCancellationRequested();
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

        return new LocalRound(tally, total);
    }

    /// <summary>Runs work on a lane; the seconds are its own, without the wait for a lane.</summary>
    private Task<(T Result, double Seconds)> TimeAsync<T>(Func<T> work) => lanes.RunAsync(() =>
    {
        long began = pace.Clock.GetTimestamp();
        T result = work();
        return (result, pace.Clock.GetElapsedTime(began).TotalSeconds);
    });

    /// <summary>What the device saw of losses, where it ran the last block, and the seconds its own work took.</summary>
    private readonly record struct LocalRound(TrainingTally Tally, double Seconds);
}
