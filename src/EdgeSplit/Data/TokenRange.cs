using System.Globalization;

namespace EdgeSplit.Data;

/// <summary>The numbers that an embedding has a row for: 0 to its vocabulary less one.</summary>
public static class TokenRange
{
    private const int MostFaults = 10;

    /// <summary>Every sample that holds another number, each at its place; empty where none does.</summary>
    /// <param name="set">Raw samples.</param>
    /// <param name="samples">Those that count.</param>
    /// <param name="vocabulary">Rows of the embedding.</param>
    public static IReadOnlyList<Fault> FaultsOf(Dataset set, ReadOnlySpan<int> samples, int vocabulary)
    {
        List<Fault> faults = [];
        int wrong = 0;
        float[] values = new float[set.SampleShape.ElementCount];
        foreach (int sample in samples)
        {
            set.Read(sample, values);
            int at = FirstOutside(values, vocabulary);
            if (at < 0 || ++wrong > MostFaults)
                continue;
            string column = set.FeatureNames is { } names ? $"column '{names[at]}'" : $"number {at}";
            faults.Add(new Fault(
                set.PlaceOf(sample),
                string.Create(CultureInfo.InvariantCulture, $"{column} is {values[at]}, and the network's embedding takes whole numbers from 0 to {vocabulary - 1}"),
                "give token numbers of its vocabulary, or a network with a larger one"));
        }

        if (wrong > MostFaults)
            faults.Add(new Fault(set.Origin, $"{wrong - MostFaults} more samples hold such numbers"));
        return faults;
    }

    /// <summary>The place of the first number that is no token; −1 where all are.</summary>
    public static int FirstOutside(ReadOnlySpan<float> values, int vocabulary)
    {
        for (int index = 0; index < values.Length; index++)
        {
            if (!(values[index] >= 0 && values[index] < vocabulary && values[index] == MathF.Floor(values[index])))
                return index;
        }

        return -1;
    }
}
