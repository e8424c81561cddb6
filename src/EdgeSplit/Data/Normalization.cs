using System.Numerics;
using System.Runtime.InteropServices;
using EdgeSplit.Numerics;

namespace EdgeSplit.Data;

/// <summary>
/// (x − mean) / standard deviation, with one mean and deviation for each equal run of a sample: per channel of an image [c, h, w],
/// per column of a table row, or one for all. Immutable, equal by value.
/// </summary>
public sealed class Normalization : IEquatable<Normalization>
{
    private readonly float[] mean;
    private readonly float[] standardDeviation;

    /// <exception cref="ArgumentException">Lengths differ, or a deviation is not positive.</exception>
    public Normalization(ReadOnlySpan<float> mean, ReadOnlySpan<float> standardDeviation)
    {
        if (mean.Length == 0 || mean.Length != standardDeviation.Length)
            throw new ArgumentException($"{mean.Length} means and {standardDeviation.Length} standard deviations.", nameof(mean));
        foreach (float deviation in standardDeviation)
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(deviation, nameof(standardDeviation));
        this.mean = mean.ToArray();
        this.standardDeviation = standardDeviation.ToArray();
    }

    public ReadOnlySpan<float> Mean => mean;

    public ReadOnlySpan<float> StandardDeviation => standardDeviation;

    /// <summary>
    /// Means and (population) standard deviations of a training set, summed in double in sample order: per channel for samples of
    /// rank 3, per column for rank 1, else one for all. What never varies is only centred.
    /// </summary>
    public static Normalization Of(Dataset train)
    {
        int size = checked((int)train.SampleShape.ElementCount);
        int groups = train.SampleShape.Rank is 1 or 3 ? train.SampleShape[0] : 1;
        int run = size / groups;
        float[] sample = new float[size];
        double[] offset = new double[groups];
        double[] sums = new double[groups];
        double[] squares = new double[groups];
        for (int index = 0; index < train.Count; index++)
        {
            train.Read(index, sample);
            for (int group = 0; group < groups; group++)
            {
                // Sums about the first value: a column of large, close values keeps its variance.
                if (index == 0)
                    offset[group] = sample[group * run];
                double sum = 0, square = 0, about = offset[group];
                foreach (float value in sample.AsSpan(group * run, run))
                {
                    double difference = value - about;
                    sum += difference;
                    square += difference * difference;
                }

                sums[group] += sum;
                squares[group] += square;
            }
        }

        double count = (double)train.Count * run;
        float[] mean = new float[groups];
        float[] deviation = new float[groups];
        for (int group = 0; group < groups; group++)
        {
            double shift = sums[group] / count;
            float spread = (float)Math.Sqrt(Math.Max(0, (squares[group] / count) - (shift * shift)));
            mean[group] = (float)(offset[group] + shift);
            deviation[group] = spread > 0 ? spread : 1;
        }

        return new Normalization(mean, deviation);
    }

    /// <summary>Whether a sample of this shape divides into this normalisation's runs.</summary>
    public bool Fits(Shape sampleShape) =>
        mean.Length == 1 || (sampleShape.Rank > 0 && sampleShape[0] == mean.Length);

    public bool Equals(Normalization? other) =>
        other is not null && mean.AsSpan().SequenceEqual(other.mean) && standardDeviation.AsSpan().SequenceEqual(other.standardDeviation);

    public override bool Equals(object? obj) => Equals(obj as Normalization);

    public override int GetHashCode() => HashCode.Combine(mean.Length, mean[0], standardDeviation[0]);

    /// <summary>Normalises one sample in place.</summary>
    public void Apply(Span<float> sample)
    {
        int run = sample.Length / mean.Length;
        for (int group = 0; group < mean.Length; group++)
            Apply(sample.Slice(group * run, run), mean[group], standardDeviation[group]);
    }

    private static void Apply(Span<float> values, float mean, float deviation)
    {
        Span<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        var means = new Vector<float>(mean);
        var deviations = new Vector<float>(deviation);
        foreach (ref Vector<float> vector in vectors)
            vector = (vector - means) / deviations;
        foreach (ref float value in values[(vectors.Length * Vector<float>.Count)..])
            value = (value - mean) / deviation;
    }
}
