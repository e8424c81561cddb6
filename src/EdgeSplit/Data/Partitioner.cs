using System.Globalization;
using EdgeSplit.Numerics;

namespace EdgeSplit.Data;

/// <summary>Deals training samples to the devices of a fleet. Same seed, same partition, on every platform.</summary>
public static class Partitioner
{
    private const int MostRedraws = 1000;

    // Very large fleets try less often: no more variates than this, unless ten draws take more.
    private const long MostVariates = 10_000_000;

    /// <summary>
    /// The samples of each device, as ascending indices of <paramref name="labels"/>. Every sample goes to exactly one device, and every
    /// device gets at least one.
    /// </summary>
    /// <param name="spec">How they are dealt.</param>
    /// <param name="labels">The class of each sample.</param>
    /// <param name="classes">The number of classes; labels lie below it.</param>
    /// <param name="devices">The number of devices.</param>
    /// <param name="seed">The experiment's seed.</param>
    /// <exception cref="InvalidInputException">The samples cannot be dealt so.</exception>
    public static IReadOnlyList<int[]> Deal(PartitionSpec spec, ReadOnlySpan<int> labels, int classes, int devices, ulong seed)
    {
        CheckSpec(spec, labels.Length, devices);
        var random = new SeededRandom(seed, DataStreams.Partition);
        int[][] partition = spec switch
        {
            PartitionSpec.Iid => DealEvenly(Shuffled(labels.Length, random), devices),
            PartitionSpec.Dirichlet dirichlet => DealDirichlet(dirichlet, SamplesByClass(labels, classes, random), devices, random),
            PartitionSpec.ClassesPerDevice few =>
                ClassDealing.Deal(few.Classes, SamplesByClass(labels, classes, random), devices, random),
            PartitionSpec.SizeSkew skew => DealSizes(skew, Shuffled(labels.Length, random), devices, random),
            _ => throw new ArgumentOutOfRangeException(nameof(spec), spec, null),
        };
        foreach (int[] samples in partition)
            Array.Sort(samples);
        return partition;
    }

    private static void CheckSpec(PartitionSpec spec, int samples, int devices)
    {
        List<Fault> faults = [];
        if (devices < 1)
            faults.Add(new Fault("devices", "there are no devices", "name at least one"));
        else if (devices > samples)
            faults.Add(new Fault("devices", $"{devices} devices for {samples} training samples", "use at most one device per sample"));
        switch (spec)
        {
            case PartitionSpec.Dirichlet(double alpha, int minimum):
                CheckSkew(alpha, minimum);
                break;
            case PartitionSpec.SizeSkew(double alpha, int minimum):
                CheckSkew(alpha, minimum);
                break;
            case PartitionSpec.ClassesPerDevice { Classes: < 1 } few:
                faults.Add(new Fault("data.partition.classesPerDevice", $"{few.Classes} classes per device", "give 1 or more"));
                break;
            default:
                break;
        }

        if (faults.Count > 0)
            throw new InvalidInputException(faults);

        void CheckSkew(double alpha, int minimum)
        {
            if (!(alpha > 0 && double.IsFinite(alpha)))
                faults.Add(new Fault("data.partition.alpha", $"an alpha of {Text(alpha)}", "give a number above 0"));
            if (minimum < 1)
                faults.Add(new Fault("data.partition.minimumSamples", $"a minimum of {minimum} samples", "give 1 or more"));
            else if (devices <= samples && (long)minimum * devices > samples)
            {
                faults.Add(new Fault(
                    "data.partition.minimumSamples",
                    $"{devices} devices of {minimum} or more samples each need more than the {samples} there are",
                    $"give at most {samples / Math.Max(1, devices)}"));
            }
        }
    }

    private static int[][] DealEvenly(int[] order, int devices)
    {
        int[][] partition = new int[devices][];
        for (int device = 0; device < devices; device++)
        {
            int start = (int)((long)order.Length * device / devices);
            partition[device] = order[start..(int)((long)order.Length * (device + 1) / devices)];
        }

        return partition;
    }

    private static int[][] DealDirichlet(PartitionSpec.Dirichlet spec, int[][] byClass, int devices, SeededRandom random)
    {
        double[] shares = new double[devices];
        int[][] counts = [.. byClass.Select(_ => new int[devices])];
        int smallest = 0;
        int draws = (int)Math.Clamp(MostVariates / ((long)devices * byClass.Length), 10, MostRedraws);
        for (int draw = 0; draw < draws; draw++)
        {
            int[] sizes = new int[devices];
            for (int c = 0; c < byClass.Length; c++)
            {
                DirichletShares.Draw(shares, spec.Alpha, random);
                DirichletShares.Cut(byClass[c].Length, shares, counts[c]);
                for (int device = 0; device < devices; device++)
                    sizes[device] += counts[c][device];
            }

            smallest = Math.Max(smallest, sizes.Min());
            if (sizes.Min() >= spec.MinimumSamples)
                return Gather(byClass, counts, sizes);
        }

        throw new InvalidInputException(
            "data.partition",
            $"with alpha {Text(spec.Alpha)}, none of {draws} draws gave each of {devices} devices {spec.MinimumSamples} samples "
                + $"(the best gave {smallest} to the smallest)",
            "raise alpha, or lower the minimum or the number of devices");
    }

    private static int[][] Gather(int[][] byClass, int[][] counts, int[] sizes)
    {
        int[][] partition = [.. sizes.Select(size => new int[size])];
        int[] filled = new int[sizes.Length];
        for (int c = 0; c < byClass.Length; c++)
        {
            int start = 0;
            for (int device = 0; device < sizes.Length; device++)
            {
                int count = counts[c][device];
                byClass[c].AsSpan(start, count).CopyTo(partition[device].AsSpan(filled[device]));
                filled[device] += count;
                start += count;
            }
        }

        return partition;
    }

    /// <summary>The minimum for each, and what is left by Dirichlet shares.</summary>
    private static int[][] DealSizes(PartitionSpec.SizeSkew spec, int[] order, int devices, SeededRandom random)
    {
        double[] shares = new double[devices];
        int[] sizes = new int[devices];
        DirichletShares.Draw(shares, spec.Alpha, random);
        DirichletShares.Cut(order.Length - (spec.MinimumSamples * devices), shares, sizes);
        int[][] partition = new int[devices][];
        int start = 0;
        for (int device = 0; device < devices; device++)
        {
            int size = sizes[device] + spec.MinimumSamples;
            partition[device] = order[start..(start + size)];
            start += size;
        }

        return partition;
    }

    private static int[] Shuffled(int count, SeededRandom random)
    {
        int[] order = new int[count];
        for (int index = 0; index < count; index++)
            order[index] = index;
        random.Shuffle<int>(order);
        return order;
    }

    /// <summary>The samples of each class that has any, in random order.</summary>
    private static int[][] SamplesByClass(ReadOnlySpan<int> labels, int classes, SeededRandom random)
    {
        var byClass = new List<int>[classes];
        for (int c = 0; c < classes; c++)
            byClass[c] = [];
        for (int index = 0; index < labels.Length; index++)
            byClass[labels[index]].Add(index);
        int[][] present = [.. byClass.Where(samples => samples.Count > 0).Select(samples => samples.ToArray())];
        foreach (int[] samples in present)
            random.Shuffle<int>(samples);
        return present;
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
