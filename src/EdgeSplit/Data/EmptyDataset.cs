using EdgeSplit.Numerics;

namespace EdgeSplit.Data;

/// <summary>No samples, of a known kind: what a server has whose devices keep theirs, or an experiment without a test set.</summary>
public sealed class EmptyDataset(Shape sampleShape, IReadOnlyList<string> classNames) : Dataset
{
    public override Shape SampleShape => sampleShape;

    public override int Count => 0;

    public override IReadOnlyList<string> ClassNames => classNames;

    public override ReadOnlySpan<int> Labels => [];

    /// <exception cref="ArgumentOutOfRangeException">Always: there is none.</exception>
    public override void Read(int index, Span<float> values) => throw new ArgumentOutOfRangeException(nameof(index), index, "There are no samples.");
}
