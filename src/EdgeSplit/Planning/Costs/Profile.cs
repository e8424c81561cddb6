using System.Collections.Immutable;
using EdgeSplit.Models;

namespace EdgeSplit.Planning.Costs;

/// <summary>What each block of a network costs on one machine, in seconds: measured there, or estimated.</summary>
/// <param name="Network">The network's name.</param>
/// <param name="Machine">Where it was measured, or the device class it was estimated for.</param>
/// <param name="IsEstimate">True where nothing was measured.</param>
/// <param name="BatchSize">Samples in the batch that <see cref="Blocks"/> are for; other sizes scale in proportion.</param>
/// <param name="Blocks">The blocks 1..L in order.</param>
public sealed record Profile(string Network, string Machine, bool IsEstimate, int BatchSize, ImmutableArray<BlockCost> Blocks)
{
    /// <summary>The greatest <see cref="Spread"/> of a profile that can be relied on. A quiet machine has 0.02 to 0.2, a busy one 7 was seen of.</summary>
    public const double MostSpread = 0.5;

    /// <summary>The interquartile range of its blocks' times over their median, each by the time that it takes; null where nothing was measured.</summary>
    public double? Spread
    {
        get
        {
            double seconds = 0, spread = 0;
            foreach (BlockCost block in Blocks)
            {
                double own = block.ForwardSeconds + block.BackwardSeconds + block.StepSeconds;
                seconds += own;
                spread += own * (block.Spread ?? 0);
            }

            return Blocks.Any(block => block.Spread is not null) && seconds > 0 ? spread / seconds : null;
        }
    }

    /// <summary>How it was measured; null for an estimate.</summary>
    public Measurement? Measurement { get; init; }

    /// <summary>Forward, backward and optimizer step of all blocks for one batch, in seconds.</summary>
    public double TotalSeconds => ForwardSeconds(1, Blocks.Length, BatchSize) + BackwardSeconds(1, Blocks.Length, BatchSize) + StepSeconds(1, Blocks.Length);

    /// <summary>The same on a machine that takes <paramref name="factor"/> times as long.</summary>
    public Profile Times(double factor) => this with
    {
        Blocks = [.. Blocks.Select(block => block with
        {
            ForwardSeconds = factor * block.ForwardSeconds,
            BackwardSeconds = factor * block.BackwardSeconds,
            StepSeconds = factor * block.StepSeconds,
        })],
    };

    /// <summary>Forward seconds of blocks <paramref name="first"/>..<paramref name="last"/> (1-based, inclusive) for so many samples.</summary>
    public double ForwardSeconds(int first, int last, double samples) => Sum(first, last, block => block.ForwardSeconds) * samples / BatchSize;

    /// <summary>Backward seconds of those blocks for so many samples.</summary>
    public double BackwardSeconds(int first, int last, double samples) => Sum(first, last, block => block.BackwardSeconds) * samples / BatchSize;

    /// <summary>Seconds of one optimizer step of those blocks, whatever the batch.</summary>
    public double StepSeconds(int first, int last) => Sum(first, last, block => block.StepSeconds);

    /// <summary>Why this is no profile of that network; null where it is one.</summary>
    /// <param name="network">The whole network.</param>
    /// <param name="where">Whose profile it is, for the fault.</param>
    public Fault? MisfitOf(Network network, string where)
    {
        const string Remedy = "profile this network";
        if (Blocks.Length != network.Length)
            return new Fault(where, $"its profile has {Blocks.Length} blocks and {network.Spec.Name} has {network.Length}", Remedy);
        return network.Blocks.FirstOrDefault(block => block.Name != Blocks[block.Number - 1].Name) is { } other
            ? new Fault(where, $"block {other.Number} of its profile is '{Blocks[other.Number - 1].Name}', of {network.Spec.Name} '{other.Name}'", Remedy)
            : null;
    }

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
public sealed record BlockCost(string Name, double ForwardSeconds, double BackwardSeconds, double StepSeconds)
{
    /// <summary>The interquartile range of the block's times over their median; null where nothing was measured.</summary>
    public double? Spread { get; init; }
}

/// <summary>How a profile was measured, and what to hold it against.</summary>
/// <param name="Engine">What computed.</param>
/// <param name="Input">The shape of one sample, as <c>3x32x32</c>.</param>
/// <param name="Threads">Threads of one operation.</param>
/// <param name="Repetitions">How often everything was measured after warming up; times are medians.</param>
/// <param name="WholeStepSeconds">One training step of the whole network, uncut, in the same run.</param>
/// <param name="PeakMemoryBytes">By how much the process's peak memory rose when it first trained the whole network.</param>
public sealed record Measurement(string Engine, string Input, int Threads, int Repetitions, double WholeStepSeconds, long PeakMemoryBytes);
