using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace EdgeSplit.Data;

/// <summary>
/// A fingerprint of samples, by which the same ones are known again: of their values and the names of their classes, whatever order
/// the columns and numbers the classes have.
/// </summary>
public static class DataDigest
{
    /// <summary>Of a digest, in bytes.</summary>
    public const int Bytes = 16;

    /// <summary>The first half of a SHA-256 over the samples in their order. Of a made-up set, over what makes it.</summary>
    public static byte[] Of(Dataset set, ReadOnlySpan<int> samples)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        int[]? order = set.FeatureNames is { } names ? [.. Enumerable.Range(0, names.Count).OrderBy(column => names[column], StringComparer.Ordinal)] : null;
        Add(hash, set.SampleShape.ToString());
        foreach (int column in order ?? [])
            Add(hash, set.FeatureNames![column]);
        if (set.Recipe is { } recipe)
        {
            Add(hash, recipe);
            hash.AppendData(MemoryMarshal.AsBytes(samples));
        }
        else
        {
            AddValues(hash, set, samples, order);
        }

        return hash.GetHashAndReset()[..Bytes];
    }

    private static void AddValues(IncrementalHash hash, Dataset set, ReadOnlySpan<int> samples, int[]? order)
    {
        float[] values = new float[set.SampleShape.ElementCount], ordered = new float[values.Length];
        foreach (int sample in samples)
        {
            set.Read(sample, values);
            for (int column = 0; column < order?.Length; column++)
                ordered[column] = values[order[column]];
            Add(hash, set.ClassNames[set.Labels[sample]]);
            hash.AppendData(MemoryMarshal.AsBytes((order is null ? values : ordered).AsSpan()));
        }
    }

    /// <summary>With its end, so that two texts are not taken for two others.</summary>
    private static void Add(IncrementalHash hash, string text) => hash.AppendData(Encoding.UTF8.GetBytes(text + "\0"));
}
