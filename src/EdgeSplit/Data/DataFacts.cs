using EdgeSplit.Numerics;

namespace EdgeSplit.Data;

/// <summary>What is known of samples before any is loaded.</summary>
/// <param name="SampleShape">Of one sample, channels first.</param>
/// <param name="Classes">How many classes there are.</param>
/// <param name="TrainSamples">How many samples there are to learn from.</param>
public sealed record DataFacts(Shape SampleShape, int Classes, int TrainSamples)
{
    /// <summary>Null where the files have to be read first, or nothing is known by that name.</summary>
    public static DataFacts? Of(DataSpec data) => data.Source switch
    {
        DataSource.Named named when NamedDataset.All.FirstOrDefault(set => set.Name == named.Name) is { } set =>
            set.Facts with { TrainSamples = Math.Min(set.Facts.TrainSamples, data.TrainSamples ?? int.MaxValue) },
        DataSource.Synthetic made => new DataFacts(made.Shape, made.Classes, made.TrainCount),
        _ => null,
    };
}
