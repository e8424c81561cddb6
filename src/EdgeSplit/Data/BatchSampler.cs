using EdgeSplit.Numerics;

namespace EdgeSplit.Data;

/// <summary>
/// Which samples each mini-batch of a device holds. Every epoch is a permutation of the device's samples that depends on the seed,
/// the device, the round and the epoch in the round alone: a round can be repeated or resumed without those before it.
/// </summary>
public sealed class BatchSampler
{
    private readonly int[] samples;
    private readonly int batchSize;
    private readonly ulong seed;
    private readonly int device;

    /// <param name="samples">The device's samples; kept, not copied, and never changed.</param>
    /// <param name="batchSize">Samples in a batch; the last of an epoch may be short.</param>
    /// <param name="seed">The experiment's seed.</param>
    /// <param name="device">The device's index in the fleet.</param>
    public BatchSampler(int[] samples, int batchSize, ulong seed, int device)
    {
        ArgumentOutOfRangeException.ThrowIfZero(samples.Length, nameof(samples));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        ArgumentOutOfRangeException.ThrowIfNegative(device);
        this.samples = samples;
        this.batchSize = batchSize;
        this.seed = seed;
        this.device = device;
    }

    /// <summary>Batches of one epoch, a short last one included.</summary>
    public int BatchesPerEpoch => ((samples.Length - 1) / batchSize) + 1;

    /// <summary>Batches of so many epochs.</summary>
    public int BatchesInEpochs(int epochs) => checked(epochs * BatchesPerEpoch);

    /// <summary>Samples in a round's first <paramref name="batches"/> batches, short ones counted as they are.</summary>
    public long SamplesInBatches(int batches)
    {
        (int epochs, int rest) = Math.DivRem(batches, BatchesPerEpoch);
        return ((long)epochs * samples.Length) + Math.Min((long)rest * batchSize, samples.Length);
    }

    /// <summary>The first <paramref name="steps"/> batches of a round, through as many epochs as that takes.</summary>
    /// <param name="round">From 1.</param>
    /// <param name="steps">How many batches.</param>
    public IEnumerable<int[]> Steps(int round, int steps)
    {
        for (int epoch = 0, step = 0; step < steps; epoch++)
        {
            int[] order = [.. samples];
            new SeededRandom(seed, DataStreams.BatchOrder, (ulong)device, (ulong)round, (ulong)epoch).Shuffle<int>(order);
            for (int start = 0; start < order.Length && step < steps; start += Math.Min(batchSize, order.Length - start), step++)
                yield return order.AsSpan(start, Math.Min(batchSize, order.Length - start)).ToArray();
        }
    }

    /// <summary>All batches of a round of so many passes over the device's samples.</summary>
    /// <param name="round">From 1.</param>
    /// <param name="epochs">How many passes.</param>
    public IEnumerable<int[]> Epochs(int round, int epochs) => Steps(round, BatchesInEpochs(epochs));
}
