using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Numerics;

namespace EdgeSplit.Training;

/// <summary>
/// The mean of models weighted by samples, parameter by parameter (McMahan et al. 2017, algorithm 1). Sums are double
/// and taken in the order of the calls, so equal updates in equal order give bitwise equal means. Their memory, twice that of a
/// model in float32, is rented: what one round's mean touched, the next round's takes again.
/// </summary>
public sealed class WeightedMean : IDisposable
{
    private readonly ParameterSpec[] parameters;
    private readonly double[]?[] sums;
    private double total;

    /// <summary>Of whole models.</summary>
    public WeightedMean(Network network)
        : this(network, 1, network.Length)
    {
    }

    /// <summary>Of blocks <paramref name="first"/>..<paramref name="last"/> (1-based, inclusive); the models may hold others too.</summary>
    public WeightedMean(Network network, int first, int last)
    {
        parameters = [.. network.Blocks[(first - 1)..last].SelectMany(block => block.Parameters)];
        sums = new double[parameters.Length][];
    }

    /// <summary>Adds a model that counts as <paramref name="samples"/> samples; it stays the caller's.</summary>
    public void Add(Weights model, long samples)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(samples);
        total += samples;
        for (int index = 0; index < sums.Length; index++)
        {
            int elements = checked((int)parameters[index].Shape.ElementCount);
            bool isFirst = sums[index] is null;
            double[] sum = sums[index] ??= ArrayPool<double>.Shared.Rent(elements);
            Accumulate(sum.AsSpan(0, elements), isFirst, model[parameters[index].Name], samples);
        }
    }

    /// <summary>The mean of all models added; counters are rounded to whole numbers.</summary>
    public Weights ToWeights()
    {
        if (total == 0)
            throw new InvalidOperationException("There is no mean of no models.");
        Weights mean = new();
        for (int index = 0; index < sums.Length; index++)
        {
            ParameterSpec parameter = parameters[index];
            HostTensor tensor = HostTensor.Rent(parameter.ElementType, parameter.Shape);
            Divide(sums[index].AsSpan(0, checked((int)parameter.Shape.ElementCount)), total, tensor);
            mean.Add(parameter.Name, tensor);
        }

        return mean;
    }

    public void Dispose()
    {
        for (int index = 0; index < sums.Length; index++)
        {
            if (Interlocked.Exchange(ref sums[index], null) is { } sum)
                ArrayPool<double>.Shared.Return(sum);
        }
    }

    /// <param name="sum">Whatever a round before left in it, where this is the first model.</param>
    /// <param name="isFirst">Whether the sum starts here; not at 0, which a −0 added to it would become.</param>
    /// <param name="tensor">What to add.</param>
    /// <param name="samples">What it counts as.</param>
    private static void Accumulate(Span<double> sum, bool isFirst, HostTensor tensor, double samples)
    {
        if (tensor.ElementType == ElementType.Int64)
        {
            ReadOnlySpan<long> counters = tensor.As<long>();
            for (int element = 0; element < sum.Length; element++)
                sum[element] = isFirst ? samples * counters[element] : sum[element] + (samples * counters[element]);
            return;
        }

        ReadOnlySpan<float> values = tensor.As<float>();
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        Span<Vector<double>> sums = MemoryMarshal.Cast<double, Vector<double>>(sum);
        Vector<double> weight = new(samples);
        for (int index = 0; index < vectors.Length; index++)
        {
            // Multiplied, then added, as below: a fused operation would round differently.
            Vector.Widen(vectors[index], out Vector<double> low, out Vector<double> high);
            (low, high) = (weight * low, weight * high);
            sums[2 * index] = isFirst ? low : sums[2 * index] + low;
            sums[(2 * index) + 1] = isFirst ? high : sums[(2 * index) + 1] + high;
        }

        for (int element = vectors.Length * Vector<float>.Count; element < sum.Length; element++)
            sum[element] = isFirst ? samples * values[element] : sum[element] + (samples * values[element]);
    }

    private static void Divide(ReadOnlySpan<double> sum, double total, HostTensor mean)
    {
        if (mean.ElementType == ElementType.Int64)
        {
            Span<long> counters = mean.As<long>();
            for (int element = 0; element < sum.Length; element++)
                counters[element] = (long)Math.Round(sum[element] / total);
            return;
        }

        Span<float> values = mean.As<float>();
        Span<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        ReadOnlySpan<Vector<double>> sums = MemoryMarshal.Cast<double, Vector<double>>(sum);
        Vector<double> divisor = new(total);
        for (int index = 0; index < vectors.Length; index++)
            vectors[index] = Vector.Narrow(sums[2 * index] / divisor, sums[(2 * index) + 1] / divisor);
        for (int element = vectors.Length * Vector<float>.Count; element < sum.Length; element++)
            values[element] = (float)(sum[element] / total);
    }
}
