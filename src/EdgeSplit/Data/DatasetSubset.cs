using EdgeSplit.Numerics;

namespace EdgeSplit.Data;

/// <summary>Some samples of another set, which it keeps.</summary>
public sealed class DatasetSubset : Dataset
{
    private readonly Dataset source;
    private readonly int[] indices;
    private readonly int[] labels;

    /// <param name="source">Where the samples are.</param>
    /// <param name="indices">Which ones, in the order of this set.</param>
    public DatasetSubset(Dataset source, ReadOnlySpan<int> indices)
    {
        this.source = source;
        this.indices = indices.ToArray();
        labels = new int[indices.Length];
        for (int index = 0; index < labels.Length; index++)
            labels[index] = source.Labels[indices[index]];
    }

    public override Shape SampleShape => source.SampleShape;

    public override int Count => indices.Length;

    public override IReadOnlyList<string> ClassNames => source.ClassNames;

    public override ReadOnlySpan<int> Labels => labels;

    public override IReadOnlyList<string>? FeatureNames => source.FeatureNames;

    public override bool LabelsAreNumbers => source.LabelsAreNumbers;

    public override float Divisor => source.Divisor;

    public override string Origin => source.Origin;

    public override string PlaceOf(int index) => source.PlaceOf(indices[index]);

    /// <summary><paramref name="count"/> different samples drawn uniformly, in the order of <paramref name="source"/>.</summary>
    public static DatasetSubset Draw(Dataset source, int count, SeededRandom random)
    {
        int[] order = new int[source.Count];
        for (int index = 0; index < order.Length; index++)
            order[index] = index;
        random.Shuffle<int>(order);
        int[] drawn = order[..count];
        Array.Sort(drawn);
        return new DatasetSubset(source, drawn);
    }

    public override void Read(int index, Span<float> values) => source.Read(indices[index], values);
}
