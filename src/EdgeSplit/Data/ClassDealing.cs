using EdgeSplit.Numerics;

namespace EdgeSplit.Data;

/// <summary>Gives every device the same number of classes, and divides each class evenly among the devices that have it.</summary>
internal static class ClassDealing
{
    /// <summary>
    /// Each device in turn takes the classes taken least so far, ties broken at random: classes are taken equally often, up to one,
    /// and which go together is random.
    /// </summary>
    /// <param name="classesPerDevice">At least 1.</param>
    /// <param name="byClass">The samples of each class, in random order; none empty.</param>
    /// <param name="devices">At least 1.</param>
    /// <param name="random">Where the numbers come from.</param>
    public static int[][] Deal(int classesPerDevice, int[][] byClass, int devices, SeededRandom random)
    {
        CheckCounts(classesPerDevice, byClass, devices);
        var holders = new List<int>[byClass.Length];
        for (int c = 0; c < holders.Length; c++)
            holders[c] = [];
        int[] order = [.. Enumerable.Range(0, byClass.Length)];
        for (int device = 0; device < devices; device++)
        {
            random.Shuffle<int>(order);
            foreach (int c in order.OrderBy(c => holders[c].Count).Take(classesPerDevice).ToArray())
                holders[c].Add(device);
        }

        var partition = new List<int>[devices];
        for (int device = 0; device < devices; device++)
            partition[device] = [];
        for (int c = 0; c < byClass.Length; c++)
        {
            int[] samples = byClass[c];
            for (int holder = 0; holder < holders[c].Count; holder++)
            {
                int start = (int)((long)samples.Length * holder / holders[c].Count);
                int end = (int)((long)samples.Length * (holder + 1) / holders[c].Count);
                partition[holders[c][holder]].AddRange(samples.AsSpan(start, end - start));
            }
        }

        return [.. partition.Select(samples => samples.ToArray())];
    }

    private static void CheckCounts(int classesPerDevice, int[][] byClass, int devices)
    {
        if (classesPerDevice > byClass.Length)
        {
            throw new InvalidInputException(
                "data.partition.classesPerDevice",
                $"{classesPerDevice} classes per device, and the training samples have {byClass.Length}",
                $"give at most {byClass.Length}");
        }

        if ((long)devices * classesPerDevice < byClass.Length)
        {
            throw new InvalidInputException(
                "data.partition.classesPerDevice",
                $"{devices} devices of {classesPerDevice} classes each leave some of the {byClass.Length} classes to nobody",
                $"give at least {((byClass.Length - 1) / devices) + 1}, or more devices");
        }

        // Holders of a class differ by one at most, so none is held by more than this.
        long mostHolders = ((((long)devices * classesPerDevice) - 1) / byClass.Length) + 1;
        int smallest = byClass.Min(samples => samples.Length);
        if (smallest < mostHolders)
        {
            throw new InvalidInputException(
                "data.partition.classesPerDevice",
                $"the smallest class has {smallest} samples to divide among up to {mostHolders} devices",
                "use fewer devices or classes per device, or more samples");
        }
    }
}
