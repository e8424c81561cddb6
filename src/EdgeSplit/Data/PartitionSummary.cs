namespace EdgeSplit.Data;

/// <summary>What each device of a fleet holds.</summary>
/// <param name="ClassNames">One per class.</param>
/// <param name="Devices">In fleet order.</param>
public sealed record PartitionSummary(IReadOnlyList<string> ClassNames, IReadOnlyList<DeviceSamples> Devices)
{
    /// <summary>Samples on all devices.</summary>
    public int Samples => Devices.Sum(device => device.Samples);

    /// <param name="train">The training set that was dealt.</param>
    /// <param name="partition">Sample indices per device.</param>
    public static PartitionSummary Of(Dataset train, IReadOnlyList<int[]> partition)
    {
        var devices = new DeviceSamples[partition.Count];
        for (int device = 0; device < devices.Length; device++)
        {
            int[] histogram = new int[train.Classes];
            foreach (int index in partition[device])
                histogram[train.Labels[index]]++;
            devices[device] = new DeviceSamples(partition[device].Length, histogram);
        }

        return new PartitionSummary(train.ClassNames, devices);
    }
}

/// <summary>What one device holds.</summary>
/// <param name="Samples">How many samples.</param>
/// <param name="ClassHistogram">How many of each class.</param>
public sealed record DeviceSamples(int Samples, IReadOnlyList<int> ClassHistogram);
