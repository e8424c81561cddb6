namespace EdgeSplit.Experiments;

/// <summary>Where an experiment's keys stand in its file (<c>file:line: key.path</c>), for faults found after reading.</summary>
/// <param name="entries">The index of the first device of each entry of the fleet, ascending, where the entry stands, and its cut.</param>
/// <param name="keys">Where some keys stand.</param>
internal sealed class ExperimentPlaces(
    IReadOnlyList<(int First, string Place, string CutPlace)> entries, IReadOnlyDictionary<string, string> keys)
{
    /// <summary>Of an experiment that was not read from a file: key paths alone.</summary>
    public static ExperimentPlaces None { get; } = new([], new Dictionary<string, string>());

    /// <summary>The key's place, or the key itself where it is not known.</summary>
    public string Of(string key) => keys.GetValueOrDefault(key, key);

    /// <summary>Where the device at <paramref name="index"/> stands.</summary>
    public string OfDevice(int index) => entries.Count == 0 ? $"fleet.devices[{index}]" : Entry(index).Place;

    /// <summary>Where its cut stands.</summary>
    public string OfCut(int index) => entries.Count == 0 ? $"fleet.devices[{index}].cut" : Entry(index).CutPlace;

    private (int First, string Place, string CutPlace) Entry(int index)
    {
        int low = 0, high = entries.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = entries[middle].First <= index ? (middle, high) : (low, middle - 1);
        }

        return entries[low];
    }
}
