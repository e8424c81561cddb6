using System.Buffers;
using EdgeSplit.Numerics;

namespace EdgeSplit.Data;

/// <summary>Another set's samples, with the columns and the labels of a contract.</summary>
internal sealed class BoundDataset : Dataset
{
    private readonly DataContract contract;
    private readonly Dataset own;
    private readonly int[]? places;
    private readonly int[] labels;

    /// <param name="contract">What they are brought under.</param>
    /// <param name="own">Where the samples are.</param>
    /// <param name="places">Where each of the contract's columns is there; null where each is in its place.</param>
    /// <param name="numbers">The contract's number of each class there; −1 for one it does not have, which no sample that counts has.</param>
    public BoundDataset(DataContract contract, Dataset own, int[]? places, int[] numbers)
    {
        this.contract = contract;
        this.own = own;
        this.places = places;
        labels = new int[own.Count];
        for (int index = 0; index < labels.Length; index++)
            labels[index] = numbers[own.Labels[index]];
    }

    public override Shape SampleShape => contract.SampleShape;

    public override int Count => own.Count;

    public override IReadOnlyList<string> ClassNames => contract.ClassNames;

    public override IReadOnlyList<string>? FeatureNames => contract.FeatureNames;

    public override ReadOnlySpan<int> Labels => labels;

    public override float Divisor => own.Divisor;

    public override string Origin => own.Origin;

    public override string PlaceOf(int index) => own.PlaceOf(index);

    public override void Read(int index, Span<float> values)
    {
        if (places is null)
        {
            own.Read(index, values);
            return;
        }

        float[] home = ArrayPool<float>.Shared.Rent(places.Length);
        own.Read(index, home.AsSpan(0, places.Length));
        for (int column = 0; column < places.Length; column++)
            values[column] = home[places[column]];
        ArrayPool<float>.Shared.Return(home);
    }
}
