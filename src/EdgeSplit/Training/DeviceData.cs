using EdgeSplit.Data;
using EdgeSplit.Numerics;

namespace EdgeSplit.Training;

/// <summary>One device's own samples and the order in which it sees them.</summary>
public sealed class DeviceData(int[] samples, BatchReader reader, int batchSize, ulong seed, int device)
{
    private readonly BatchSampler sampler = new(samples, batchSize, seed, device);

    public int SampleCount => samples.Length;

    /// <summary>The mini-batches of a round, as sample numbers; the same whatever the cut.</summary>
    public IEnumerable<int[]> BatchesOf(int round, LocalWork work) => work switch
    {
        LocalWork.Steps steps => sampler.Steps(round, steps.Count),
        LocalWork.Epochs epochs => sampler.Epochs(round, epochs.Count),
        _ => throw new ArgumentOutOfRangeException(nameof(work), work, null),
    };

    /// <summary>Reads a mini-batch, augmented by the step's own random numbers.</summary>
    public Batch Read(int[] batch, StepKey key) => reader.Read(batch, key);
}
