using System.Collections.Immutable;
using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Numerics;
using EdgeSplit.Planning.Costs;

namespace EdgeSplit.Training;

/// <summary>A network as segments of one block each, trained together and timed apart.</summary>
internal sealed class BlockTimes : IDisposable
{
    private readonly Network network;
    private readonly TimeProvider clock;
    private readonly ISegment[] segments;
    private readonly List<double>[] forward, backward, step;

    public BlockTimes(Network network, OptimizerSpec optimizer, IEngine engine, Weights weights, TimeProvider clock)
    {
        this.network = network;
        this.clock = clock;
        segments = [.. network.Blocks.Select(block => engine.Build(new SegmentSpec(network, block.Number, block.Number, optimizer), weights))];
        (forward, backward, step) = (NewLists(), NewLists(), NewLists());
    }

    /// <summary>One training step: forward through all blocks, loss, backward through all, optimizer steps.</summary>
    /// <param name="input">A batch.</param>
    /// <param name="labels">Its labels.</param>
    /// <param name="counts">Whether to keep the times.</param>
    public void Train(HostTensor input, int[] labels, bool counts)
    {
        HostTensor?[] activations = new HostTensor?[segments.Length + 1];
        activations[0] = input;
        double[] forwardSeconds = new double[segments.Length], backwardSeconds = new double[segments.Length], stepSeconds = new double[segments.Length];
        for (int block = 0; block < segments.Length; block++)
            (activations[block + 1], forwardSeconds[block]) = Time(() => segments[block].Forward(activations[block]!, default));

        // The last block's backward pass begins with the loss; its forward pass runs again within, and is taken off.
        int last = segments.Length - 1;
        (LossOutcome outcome, double lossSeconds) = Time(() => segments[last].ForwardBackward(activations[last]!, labels, default));
        backwardSeconds[last] = Math.Max(0, lossSeconds - forwardSeconds[last]);
        HostTensor? gradient = outcome.InputGradient;
        for (int block = last - 1; block >= 0; block--)
        {
            HostTensor? above = gradient;
            (gradient, backwardSeconds[block]) = Time(() => segments[block].Backward(above!));
            above?.Dispose();
        }

        gradient?.Dispose();
        for (int block = 0; block < segments.Length; block++)
        {
            (_, stepSeconds[block]) = Time(() =>
            {
                segments[block].Step(learningRate: 0);
                return true;
            });
            activations[block + 1]!.Dispose();
        }

        if (counts)
            Keep(forwardSeconds, backwardSeconds, stepSeconds);
    }

    /// <summary>Each block's median times, and how far they spread.</summary>
    public ImmutableArray<BlockCost> Medians() =>
    [
        .. network.Blocks.Select((block, index) =>
            new BlockCost(block.Name, Profiler.Median(forward[index]), Profiler.Median(backward[index]), Profiler.Median(step[index]))
            {
                Spread = SpreadOf([.. forward[index].Select((seconds, pass) => seconds + backward[index][pass] + step[index][pass])]),
            }),
    ];

    public void Dispose()
    {
        foreach (ISegment segment in segments)
            segment.Dispose();
    }

    /// <summary>The interquartile range over the median; 0 where nothing takes time.</summary>
    internal static double SpreadOf(double[] seconds)
    {
        Array.Sort(seconds);
        double median = Profiler.Median(seconds);
        return median == 0 ? 0 : (seconds[(seconds.Length - 1) * 3 / 4] - seconds[(seconds.Length - 1) / 4]) / median;
    }

    private void Keep(double[] forwardSeconds, double[] backwardSeconds, double[] stepSeconds)
    {
        for (int block = 0; block < segments.Length; block++)
        {
            forward[block].Add(forwardSeconds[block]);
            backward[block].Add(backwardSeconds[block]);
            step[block].Add(stepSeconds[block]);
        }
    }

    private (T Result, double Seconds) Time<T>(Func<T> work)
    {
        long began = clock.GetTimestamp();
        T result = work();
        return (result, clock.GetElapsedTime(began).TotalSeconds);
    }

    private List<double>[] NewLists() => [.. segments.Select(_ => new List<double>())];
}
