using EdgeSplit.Models;
using EdgeSplit.Numerics;

namespace EdgeSplit.Compute;

/// <summary>What runs a network's blocks: libtorch, or another. Its segments are used on compute lanes only.</summary>
public interface IEngine
{
    /// <summary>What it is and where it runs, for people (<c>libtorch 2.10.0, CPU</c>).</summary>
    string Description { get; }

    /// <summary>
    /// What decides the bits of its results: engines with equal texts compute equal bits. One whose results are the same on every processor
    /// names itself alone; another names what of the processor it depends on.
    /// </summary>
    /// <param name="threads">Threads that one operation may use.</param>
    string NumericsOf(int threads);

    /// <summary>Float32 in training; float64 where a test wants finite differences.</summary>
    ElementType ElementType { get; }

    /// <summary>Called once on each lane's own thread before any work: sets how many threads one operation may use.</summary>
    void PrepareLane(int threads);

    /// <summary>Builds a segment from a copy of <paramref name="weights"/>, which must hold each parameter of its blocks.</summary>
    ISegment Build(SegmentSpec spec, Weights weights);
}

/// <summary>Blocks <paramref name="First"/>..<paramref name="Last"/> (1-based, inclusive) of a network, and how they train.</summary>
/// <param name="Network">The whole network.</param>
/// <param name="First">1 on a device; cut + 1 on the server.</param>
/// <param name="Last">The cut on a device; L on the server.</param>
/// <param name="Optimizer">Null where the segment only predicts.</param>
public sealed record SegmentSpec(Network Network, int First, int Last, OptimizerSpec? Optimizer);

/// <summary>
/// A run of blocks with weights, gradients and optimizer state. One at a time: a forward pass, then its backward pass, then
/// a step. All calls come from a compute lane's thread, though not always the same lane's.
/// </summary>
public interface ISegment : IDisposable
{
    /// <summary>The forward pass in training mode; what the backward pass needs is kept.</summary>
    /// <param name="input">[batch, ...] of the first block's input; stays the caller's.</param>
    /// <param name="key">Which step this is.</param>
    /// <returns>[batch, ...] of the last block's output; the caller's to dispose.</returns>
    HostTensor Forward(HostTensor input, StepKey key);

    /// <summary>Adds the gradients of the pending forward pass to the parameters'.</summary>
    /// <param name="outputGradient">Of the loss with respect to <see cref="Forward"/>'s result; stays the caller's.</param>
    /// <returns>The gradient with respect to the input; null for a segment that starts with block 1.</returns>
    HostTensor? Backward(HostTensor outputGradient);

    /// <summary>Forward, mean cross-entropy and backward in one, for a segment that ends with block L.</summary>
    /// <param name="input">[batch, ...] of the first block's input; stays the caller's.</param>
    /// <param name="labels">The class of each sample.</param>
    /// <param name="key">Which step this is.</param>
    LossOutcome ForwardBackward(HostTensor input, ReadOnlySpan<int> labels, StepKey key);

    /// <summary>Moves the parameters by their gradients, then clears those.</summary>
    void Step(double learningRate);

    /// <summary>The forward pass in evaluation mode: running statistics, no dropout, nothing kept.</summary>
    HostTensor Predict(HostTensor input);

    /// <summary>A copy of all parameters and buffers, in the network's order; the caller's to dispose.</summary>
    Weights Save();

    /// <summary>A copy of the gradients not yet stepped, by parameter; the caller's to dispose.</summary>
    Weights SaveGradients();
}

/// <summary>What the segment with the last block found for one mini-batch.</summary>
/// <param name="Loss">Mean cross-entropy over the batch.</param>
/// <param name="Correct">Samples whose largest logit is their label's.</param>
/// <param name="InputGradient">The cut-layer gradient; null for a segment that starts with block 1. The caller's to dispose.</param>
public readonly record struct LossOutcome(double Loss, int Correct, HostTensor? InputGradient);
