using System.Globalization;
using EdgeSplit.Numerics;

namespace EdgeSplit.Data;

/// <summary>
/// A prototype per class, drawn from the standard normal distribution, plus gaussian noise; made sample by sample as it is read,
/// so that a large set takes no memory. Images [c, h, w] have prototypes of 4×4 even patches per channel, which pooling layers
/// keep. Classes are balanced. The same seed gives the same bits on every platform.
/// </summary>
public sealed class SyntheticDataset : Dataset
{
    private const int PatchesPerSide = 4;

    /// <summary>Their values are made as they are read, but each has a label and a place in the partition.</summary>
    private const int MostSamples = 20_000_000;
    private const double BytesPerSample = 12;

    // Noise is drawn, with replacement, from these standard normals: 16 random bits each, not a logarithm.
    private static readonly Lazy<float[]> Normals = new(MakeNormals);

    private readonly float[][] prototypes;
    private readonly int[] labels;
    private readonly float noise;
    private readonly ulong noiseKey;

    private SyntheticDataset(Shape shape, float[][] prototypes, int count, double noise, ulong noiseKey)
    {
        this.prototypes = prototypes;
        this.noise = (float)noise;
        this.noiseKey = noiseKey;
        SampleShape = shape;
        ClassNames = NamesOf(prototypes.Length);
        labels = new int[count];
        for (int index = 0; index < count; index++)
            labels[index] = index % prototypes.Length;
    }

    public override Shape SampleShape { get; }

    public override int Count => labels.Length;

    public override IReadOnlyList<string> ClassNames { get; }

    public override ReadOnlySpan<int> Labels => labels;

    /// <summary>Training and test set with the same prototypes and different noise. Of mean 0 and variance 1 + noise².</summary>
    public static DataSplit Make(DataSource.Synthetic source, ulong seed)
    {
        CheckSource(source);
        float[][] prototypes = new float[source.Classes][];
        for (int c = 0; c < prototypes.Length; c++)
            prototypes[c] = MakePrototype(source.Shape, new SeededRandom(seed, DataStreams.Prototypes, (ulong)c));
        return new DataSplit(
            "synthetic",
            Part(source.TrainCount, DataStreams.TrainNoise),
            Part(source.TestCount, DataStreams.TestNoise),
            new DataContract
            {
                SampleShape = source.Shape,
                ClassNames = NamesOf(source.Classes),
                Normalization = new Normalization([0], [(float)Math.Sqrt(1 + (source.Noise * source.Noise))]),
            });

        SyntheticDataset Part(int count, ulong stream) =>
            new(source.Shape, prototypes, count, source.Noise, SeededRandom.KeyOf(seed, stream));
    }

    internal override string Recipe => string.Create(CultureInfo.InvariantCulture, $"synthetic {noiseKey} {prototypes.Length} {noise:R}");

    public override string Origin => "the synthetic set";

    public override void Read(int index, Span<float> values)
    {
        float[] prototype = prototypes[labels[index]];
        float[] normals = Normals.Value;
        var random = new SeededRandom(noiseKey, (ulong)index);
        ulong bits = 0;
        for (int i = 0; i < prototype.Length; i++)
        {
            bits = (i & 3) == 0 ? random.NextBits() : bits >> 16;
            values[i] = prototype[i] + (noise * normals[bits & 0xFFFF]);
        }
    }

    private static string[] NamesOf(int classes) => [.. Enumerable.Range(0, classes).Select(c => $"class-{c}")];

    private static void CheckSource(DataSource.Synthetic source)
    {
        List<Fault> faults = [];
        if (source.Classes < 1)
            faults.Add(new Fault("data.classes", $"{source.Classes} classes", "give 1 or more"));
        if (source.TrainCount < 1)
            faults.Add(new Fault("data.trainSamples", $"{source.TrainCount} training samples", "give 1 or more"));
        CheckBound(faults, "data.trainSamples", source.TrainCount);
        CheckBound(faults, "data.testSamples", source.TestCount);
        if (source.TestCount < 1)
            faults.Add(new Fault("data.testSamples", $"{source.TestCount} test samples", "give 1 or more"));
        if (!(source.Noise >= 0 && double.IsFinite(source.Noise)))
            faults.Add(new Fault("data.noise", $"a noise of {source.Noise}", "give a number of 0 or more"));
        if (source.Shape.Rank == 0 || source.Shape.Dimensions.Contains(0))
            faults.Add(new Fault("data.shape", $"samples of shape {source.Shape}", "give a shape such as 3x32x32"));
        else if (source.Shape.Dimensions.Aggregate((double)Math.Max(1, source.Classes), (product, extent) => product * extent) > 1 << 28)
        {
            faults.Add(new Fault(
                "data.shape", $"{source.Classes} prototypes of {source.Shape} take over 1 GiB", "give a smaller shape or fewer classes"));
        }

        if (faults.Count > 0)
            throw new InvalidInputException(faults);
    }

    private static void CheckBound(List<Fault> faults, string key, int count)
    {
        if (count <= MostSamples)
            return;
        faults.Add(new Fault(
            key, FormattableString.Invariant($"{count} samples would take {count / 1e9 * BytesPerSample:0.0} GB of memory for their labels and their dealing"),
            FormattableString.Invariant($"give at most {MostSamples}")));
    }

    private static float[] MakePrototype(Shape shape, SeededRandom random)
    {
        float[] values = new float[shape.ElementCount];
        if (shape.Rank != 3)
        {
            foreach (ref float value in values.AsSpan())
                value = (float)random.NextGaussian();
            return values;
        }

        int rows = shape[1], columns = shape[2];
        float[] patches = new float[PatchesPerSide * PatchesPerSide];
        for (int channel = 0; channel < shape[0]; channel++)
        {
            foreach (ref float patch in patches.AsSpan())
                patch = (float)random.NextGaussian();
            for (int row = 0; row < rows; row++)
            {
                for (int column = 0; column < columns; column++)
                    values[(((channel * rows) + row) * columns) + column] =
                        patches[(row * PatchesPerSide / rows * PatchesPerSide) + (column * PatchesPerSide / columns)];
            }
        }

        return values;
    }

    private static float[] MakeNormals()
    {
        var random = new SeededRandom(0, DataStreams.NormalTable);
        float[] normals = new float[1 << 16];
        foreach (ref float normal in normals.AsSpan())
            normal = (float)random.NextGaussian();
        return normals;
    }
}
