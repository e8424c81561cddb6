using EdgeSplit.Compute;
using EdgeSplit.Numerics;
using EdgeSplit.Wire;

namespace EdgeSplit.Training.Methods;

/// <summary>
/// Blocks c+1..L that several devices train together, each step on the mini-batches of one or more of them; the optimizer's state
/// lives as long as it does. Used on a compute lane.
/// </summary>
/// <param name="segment">The blocks; disposed with it.</param>
/// <param name="seed">The experiment's.</param>
/// <param name="learningRate">Of the round.</param>
internal sealed class SharedReplica(ISegment segment, ulong seed, double learningRate) : IDisposable
{
    /// <summary>One step on the concatenated batch.</summary>
    /// <param name="device">
    /// The device that the batch counts as: it keys dropout, one mask over the whole batch, as if it were all this device's. So
    /// with one device nothing differs from a replica of its own.
    /// </param>
    /// <param name="steps">The devices' mini-batches, all of the same round and step; their smashed data is taken over.</param>
    /// <returns>
    /// For each of them the mean loss of the whole batch, its part by samples of what the batch got right, and its rows of the
    /// cut-layer gradient.
    /// </returns>
    public LossOutcome[] Train(int device, IReadOnlyList<Message.StepUp> steps)
    {
        int[] labels = [.. steps.SelectMany(step => step.Labels)];
        using HostTensor smashed = Concatenate(steps, labels.Length);
        LossOutcome whole = segment.ForwardBackward(smashed, labels, new StepKey(seed, device, steps[0].Round, steps[0].Step));
        segment.Step(learningRate);
        using HostTensor gradient = whole.InputGradient!;
        return [.. Divide(whole, gradient, steps, labels.Length)];
    }

    /// <summary>A copy of the blocks' weights, the caller's to dispose.</summary>
    public Weights Save() => segment.Save();

    public void Dispose() => segment.Dispose();

    private static HostTensor Concatenate(IReadOnlyList<Message.StepUp> steps, int samples)
    {
        long bytes = steps.Sum(step => (long)step.SmashedData.ByteCount);
        if (bytes > Array.MaxLength)
        {
            throw new RoundFailedException(
                $"the smashed data of a step of {steps.Count} devices is {bytes >> 20} MiB, more than one tensor holds; use a smaller training.batch, or another cut");
        }

        HostTensor all = HostTensor.Rent(steps[0].SmashedData.ElementType, steps[0].SmashedData.Shape.WithoutLeading().Prepend(samples));
        int filled = 0;
        foreach (Message.StepUp step in steps)
        {
            using HostTensor rows = step.SmashedData;
            rows.Bytes.CopyTo(all.Bytes[filled..]);
            filled += rows.ByteCount;
        }

        return all;
    }

    private static IEnumerable<LossOutcome> Divide(LossOutcome whole, HostTensor gradient, IReadOnlyList<Message.StepUp> steps, int samples)
    {
        long taken = 0;
        int bytesPerSample = gradient.ByteCount / samples;
        foreach (Message.StepUp step in steps)
        {
            int count = step.Labels.Length;
            HostTensor rows = HostTensor.Rent(gradient.ElementType, gradient.Shape.WithoutLeading().Prepend(count));
            gradient.Bytes.Slice((int)taken * bytesPerSample, rows.ByteCount).CopyTo(rows.Bytes);
            int correct = (int)((whole.Correct * (taken + count) / samples) - (whole.Correct * taken / samples));
            yield return new LossOutcome(whole.Loss, correct, rows);
            taken += count;
        }
    }
}
