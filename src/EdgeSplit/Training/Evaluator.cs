using EdgeSplit.Compute;
using EdgeSplit.Data;
using EdgeSplit.Models;
using EdgeSplit.Numerics;

namespace EdgeSplit.Training;

/// <summary>How a model does on samples it has not seen.</summary>
/// <param name="Accuracy">The fraction classified correctly.</param>
/// <param name="Loss">Mean cross-entropy per sample.</param>
/// <param name="Samples">How many.</param>
public readonly record struct Evaluation(double Accuracy, double Loss, int Samples);

/// <summary>Judges weights on a data set, on all lanes at once. The result does not depend on how many there are.</summary>
public sealed class Evaluator(Network network, Dataset dataset, BatchReader reader, ComputeLanes lanes)
{
    /// <summary>Activations one batch may need, in bytes: what a lane adds to memory.</summary>
    private const long ActivationBudget = 64 << 20;

    private readonly int batchSize = (int)Math.Clamp(
        ActivationBudget / Math.Max(1, network.Blocks.Max(block => block.StoredActivationBytes)), 1, 256);

    public async Task<Evaluation> EvaluateAsync(Weights weights, CancellationToken cancellation)
    {
        int batches = (dataset.Count + batchSize - 1) / batchSize;
        (double Loss, int Correct)[] results = new (double, int)[batches];
        int next = -1;
        Task[] workers = [.. Enumerable.Range(0, Math.Min(lanes.Count, batches)).Select(_ => Task.Run(() => lanes.RunAsync(() =>
        {
            using ISegment segment = lanes.Engine.Build(new SegmentSpec(network, 1, network.Length, Optimizer: null), weights);
            for (int batch = Interlocked.Increment(ref next); batch < batches; batch = Interlocked.Increment(ref next))
            {
                cancellation.ThrowIfCancellationRequested();
                results[batch] = Judge(segment, batch);
            }
        }), CancellationToken.None))];
        await Task.WhenAll(workers).ConfigureAwait(false);

        double loss = 0;
        long correct = 0;
        foreach ((double batchLoss, int batchCorrect) in results)
        {
            loss += batchLoss;
            correct += batchCorrect;
        }

        return new Evaluation((double)correct / dataset.Count, loss / dataset.Count, dataset.Count);
    }

    private (double Loss, int Correct) Judge(ISegment segment, int number)
    {
        int first = number * batchSize;
        int[] samples = [.. Enumerable.Range(first, Math.Min(batchSize, dataset.Count - first))];
        using Batch batch = reader.Read(samples);
        using HostTensor logits = segment.Predict(batch.Inputs);
        ReadOnlySpan<float> values = logits.As<float>();
        return (CrossEntropy.Sum(values, batch.Labels, network.Spec.Classes), TopLabels.Count(values, batch.Labels));
    }
}
