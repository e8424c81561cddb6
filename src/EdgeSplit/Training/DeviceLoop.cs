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
public sealed class DeviceLoop(int device, Network network, TrainingSpec training, DeviceData data, ComputeLanes lanes)
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
        SegmentSpec spec = new(network, First: 1, Last: start.Cut, training.Optimizer);
        using ISegment segment = await lanes.RunAsync(() => lanes.Engine.Build(spec, start.Weights)).ConfigureAwait(false);
        TrainingTally? local = start.Cut == network.Length
            ? await TrainWholeAsync(segment, start, cancellation).ConfigureAwait(false)
            : await TrainSplitAsync(segment, link, start, cancellation).ConfigureAwait(false);
        Weights trained = await lanes.RunAsync(segment.Save).ConfigureAwait(false);
        await link.SendAsync(new Message.RoundEnd(start.Round, trained, local), cancellation).ConfigureAwait(false);
    }

    /// <summary>c &lt; L: smashed data up, cut-layer gradient down, once per mini-batch.</summary>
    private async Task<TrainingTally?> TrainSplitAsync(
        ISegment segment, ILink link, Message.RoundStart start, CancellationToken cancellation)
    {
        int step = 0;
        foreach (int[] samples in data.BatchesOf(start.Round, training.LocalWork))
        {
            StepKey key = new(training.Seed, device, start.Round, step);
            Message.StepUp up = await lanes.RunAsync(() =>
            {
                using Batch batch = data.Read(samples, key);
                return new Message.StepUp(start.Round, key.Step, segment.Forward(batch.Inputs, key), batch.Labels);
            }).ConfigureAwait(false);
            await link.SendAsync(up, cancellation).ConfigureAwait(false);

            Message answer = await link.ReceiveAsync(cancellation).ConfigureAwait(false);
            if (answer is not Message.StepDown down || down.Round != start.Round || down.Step != step)
                throw new ProtocolException($"Expected the gradient of round {start.Round}, step {step}, received {answer.GetType().Name}.");
            using HostTensor gradient = down.CutLayerGradient;
            await lanes.RunAsync(() =>
            {
                segment.Backward(gradient)?.Dispose();
                segment.Step(start.LearningRate);
            }).ConfigureAwait(false);
            step++;
        }

        return null;
    }

    /// <summary>c = L: nothing to send until the round ends.</summary>
    private async Task<TrainingTally?> TrainWholeAsync(ISegment segment, Message.RoundStart start, CancellationToken cancellation)
    {
        TrainingTally tally = default;
        foreach (int[] samples in data.BatchesOf(start.Round, training.LocalWork))
        {
            cancellation.ThrowIfCancellationRequested();
            StepKey key = new(training.Seed, device, start.Round, tally.Steps);
            tally = await lanes.RunAsync(() =>
            {
                using Batch batch = data.Read(samples, key);
                LossOutcome outcome = segment.ForwardBackward(batch.Inputs, batch.Labels, key);
                segment.Step(start.LearningRate);
                return tally.Add(outcome, batch.Count);
            }).ConfigureAwait(false);
        }

        return tally;
    }
}
