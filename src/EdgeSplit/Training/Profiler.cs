using System.Collections.Immutable;
using System.Diagnostics;
using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Numerics;
using EdgeSplit.Planning.Costs;

namespace EdgeSplit.Training;

/// <summary>
/// Measures what each block of a network costs on this machine's engine. A pass trains the whole network once uncut and once
/// as L segments of one block, forward from the first to the last and backward again, so that caches are as cold as in
/// training and both see the same moments of a busy machine.
/// </summary>
public sealed class Profiler(Network network, OptimizerSpec optimizer, int batchSize, IEngine engine, TimeProvider clock)
{
    private const ulong Purpose = 0x70726F66; // "prof"

    /// <summary>Passes before the first that counts: libraries choose kernels, memory is claimed.</summary>
    private const int WarmUp = 3;

    private readonly long memoryBefore = PeakMemory();

    /// <summary>Measures on this thread, which must be a compute lane.</summary>
    /// <param name="machine">What to call this machine.</param>
    /// <param name="threads">Threads of one operation, for the record.</param>
    /// <param name="repetitions">Passes that count; every time is a median over them.</param>
    /// <param name="cancellation">Ends it between two passes.</param>
    public Profile Measure(string machine, int threads, int repetitions, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(repetitions, 1);
        using Weights weights = WeightInitializer.Initialize(network, seed: 1);
        using HostTensor input = RandomInput();
        int[] labels = [.. Enumerable.Range(0, batchSize).Select(sample => sample % network.Spec.Classes)];
        using ISegment whole = engine.Build(new SegmentSpec(network, 1, network.Length, optimizer), weights);
        TrainWhole(whole, input, labels);
        long peakMemory = PeakMemory() - memoryBefore;

        using BlockTimes times = new(network, optimizer, engine, weights, clock);
        List<double> wholeSeconds = [];
        for (int pass = -WarmUp; pass < repetitions; pass++)
        {
            cancellation.ThrowIfCancellationRequested();
            long began = clock.GetTimestamp();
            TrainWhole(whole, input, labels);
            double seconds = clock.GetElapsedTime(began).TotalSeconds;
            times.Train(input, labels, counts: pass >= 0);
            if (pass >= 0)
                wholeSeconds.Add(seconds);
        }

        Measurement measurement = new(
            engine.Description, network.Spec.Input.ToString(), threads, repetitions, Median(wholeSeconds), peakMemory);
        ImmutableArray<BlockCost> blocks = times.Medians();
        return new Profile(network.Spec.Name, machine, IsEstimate: false, batchSize, blocks) { Measurement = measurement };
    }

    /// <summary>The middle value; the mean of the two in the middle where their number is even.</summary>
    internal static double Median(IReadOnlyCollection<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static void TrainWhole(ISegment whole, HostTensor input, int[] labels)
    {
        whole.ForwardBackward(input, labels, default);
        whole.Step(learningRate: 0);
    }

    private static long PeakMemory()
    {
        using Process self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64;
    }

    private HostTensor RandomInput()
    {
        HostTensor input = HostTensor.Rent(ElementType.Float32, network.Spec.Input.Prepend(batchSize));
        SeededRandom random = new(1, Purpose);
        bool isTokens = network.Blocks[0].Layers.FirstOrDefault() is Models.Layers.Embedding;
        foreach (ref float value in input.As<float>())
            value = isTokens ? 0 : (float)random.NextGaussian();
        return input;
    }
}
