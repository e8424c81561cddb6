using System.Collections.Immutable;

namespace EdgeSplit.Planning.Costs;

/// <summary>What each block of a network costs on one machine, in seconds: measured there, or estimated.</summary>
/// <param name="Network">The network's name.</param>
/// <param name="Machine">Where it was measured, or the device class it was estimated for.</param>
/// <param name="IsEstimate">True where nothing was measured.</param>
/// <param name="BatchSize">Samples in the batch that <see cref="Blocks"/> are for; other sizes scale in proportion.</param>
/// <param name="Blocks">The blocks 1..L in order.</param>
public sealed record Profile(string Network, string Machine, bool IsEstimate, int BatchSize, ImmutableArray<BlockCost> Blocks)
{
    /// <summary>Forward seconds of blocks <paramref name="first"/>..<paramref name="last"/> (1-based, inclusive) for so many samples.</summary>
    public double ForwardSeconds(int first, int last, double samples) => Sum(first, last, block => block.ForwardSeconds) * samples / BatchSize;

    /// <summary>Backward seconds of those blocks for so many samples.</summary>
    public double BackwardSeconds(int first, int last, double samples) => Sum(first, last, block => block.BackwardSeconds) * samples / BatchSize;

    /// <summary>Seconds of one optimizer step of those blocks, whatever the batch.</summary>
    public double StepSeconds(int first, int last) => Sum(first, last, block => block.StepSeconds);

    private double Sum(int first, int last, Func<BlockCost, double> cost)
    {
        double sum = 0;
        for (int block = first; block <= last; block++)
            sum += cost(Blocks[block - 1]);
        return sum;
    }
}

/// <summary>One block's costs.</summary>
/// <param name="Name">The block's name.</param>
/// <param name="ForwardSeconds">Of one batch.</param>
/// <param name="BackwardSeconds">Of one batch; never taken as twice the forward's.</param>
/// <param name="StepSeconds">Of one optimizer step.</param>
public sealed record BlockCost(string Name, double ForwardSeconds, double BackwardSeconds, double StepSeconds);
