namespace EdgeSplit.Data;

/// <summary>
/// Brings someone's own samples under a contract that others have too: columns and classes are found by their names, whatever order
/// and numbers they have at home. Sets whose labels are numbers (IDX) bind them by number, sets without column names by place.
/// </summary>
public static class DataBinding
{
    /// <summary>What a person is told of one kind; the rest is counted.</summary>
    private const int MostFaults = 10;

    private const int MostNames = 8;

    /// <summary>The samples with the contract's columns in its order, labelled by its classes; the set itself where it has them so already.</summary>
    /// <param name="contract">What everyone agrees on.</param>
    /// <param name="own">The samples at home.</param>
    /// <param name="samples">Those that count: what the others are is not looked at.</param>
    /// <exception cref="InvalidInputException">They cannot be brought under it: every kind of fault at once, each where it is.</exception>
    public static Dataset Bind(DataContract contract, Dataset own, ReadOnlySpan<int> samples)
    {
        List<Fault> faults = [];
        int[]? places = PlacesOf(contract, own, faults);
        if (own.Divisor != contract.Divisor)
        {
            faults.Add(new Fault(
                own.Origin, own.Divisor == 1 ? "its values are not pixels from 0 to 255, and this run's are" : "its values are pixels from 0 to 255, and this run's are not",
                "give this run's kind of data"));
        }

        int[] numbers = NumbersOf(contract, own);
        CheckClasses(contract, own, samples, numbers, faults);
        if (faults.Count > 0)
            throw new InvalidInputException(faults);
        bool isSame = places is null && numbers.Index().All(entry => entry.Index == entry.Item) && own.Classes <= contract.Classes;
        return isSame && own.ClassNames.SequenceEqual(contract.ClassNames) ? own : new BoundDataset(contract, own, places, numbers);
    }

    /// <summary>The whole set under the contract.</summary>
    /// <inheritdoc cref="Bind(DataContract, Dataset, ReadOnlySpan{int})"/>
    public static Dataset Bind(DataContract contract, Dataset own)
    {
        int[] all = new int[own.Count];
        for (int index = 0; index < all.Length; index++)
            all[index] = index;
        return Bind(contract, own, all);
    }

    /// <summary>Where each of the contract's columns is at home; null where each is in its place, or columns have no names.</summary>
    private static int[]? PlacesOf(DataContract contract, Dataset own, List<Fault> faults)
    {
        if (contract.FeatureNames is not { } wanted || own.FeatureNames is not { } there)
        {
            if (own.SampleShape != contract.SampleShape)
                faults.Add(new Fault(own.Origin, $"its samples are {own.SampleShape}, and this run's are {contract.SampleShape}", "give this run's kind of data"));
            return null;
        }

        Dictionary<string, int> at = there.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
        string[] missing = [.. wanted.Where(name => !at.ContainsKey(name))], unknown = [.. there.Except(wanted)];
        if (missing.Length > 0)
            faults.Add(new Fault(own.Origin, $"it lacks the column{Plural(missing)} {Listed(missing)} of this run", $"this run's columns are {Listed(wanted)}"));
        if (unknown.Length > 0)
            faults.Add(new Fault(own.Origin, $"its column{Plural(unknown)} {Listed(unknown)} {(unknown.Length == 1 ? "is" : "are")} unknown to this run", "rename or remove what this run does not have"));
        if (missing.Length + unknown.Length > 0)
            return null;
        int[] places = [.. wanted.Select(name => at[name])];
        return places.Index().All(entry => entry.Index == entry.Item) ? null : places;
    }

    /// <summary>The contract's number of each class at home; −1 for one it does not have.</summary>
    private static int[] NumbersOf(DataContract contract, Dataset own)
    {
        if (own.LabelsAreNumbers)
            return [.. Enumerable.Range(0, own.Classes).Select(number => number < contract.Classes ? number : -1)];
        Dictionary<string, int> numbers = contract.ClassNames.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
        return [.. own.ClassNames.Select(name => numbers.GetValueOrDefault(name, -1))];
    }

    private static void CheckClasses(DataContract contract, Dataset own, ReadOnlySpan<int> samples, int[] numbers, List<Fault> faults)
    {
        SortedDictionary<int, int> firstOf = [];
        foreach (int sample in samples)
        {
            if (numbers[own.Labels[sample]] < 0)
                firstOf.TryAdd(own.Labels[sample], sample);
        }

        foreach ((int label, int sample) in firstOf.Take(MostFaults))
        {
            faults.Add(own.LabelsAreNumbers
                ? new Fault(own.PlaceOf(sample), $"it has label {label}, and this run knows {contract.Classes} classes, 0 to {contract.Classes - 1}", "give this run's kind of data")
                : new Fault(own.PlaceOf(sample), $"it has a class '{own.ClassNames[label]}', which is unknown to this run", $"this run's classes are {Listed(contract.ClassNames)}"));
        }

        if (firstOf.Count > MostFaults)
            faults.Add(new Fault(own.Origin, $"{firstOf.Count - MostFaults} more classes are unknown to this run"));
    }

    private static string Plural(string[] names) => names.Length == 1 ? "" : "s";

    private static string Listed(IReadOnlyList<string> names) => string.Join(", ", names.Take(MostNames).Select(name => $"'{name}'"))
        + (names.Count > MostNames ? $" and {names.Count - MostNames} more" : "");
}
