using EdgeSplit.Data;
using EdgeSplit.Numerics;

namespace EdgeSplit.Experiments;

/// <summary>What is known of an experiment's samples before any is loaded.</summary>
internal static class KnownData
{
    /// <summary>The data sets known by name.</summary>
    public static OrderedDictionary<string, Facts> Sets { get; } = new()
    {
        ["fashion-mnist"] = new Facts(new Shape(1, 28, 28), 10, 60_000),
        ["mnist"] = new Facts(new Shape(1, 28, 28), 10, 60_000),
        ["cifar10"] = new Facts(new Shape(3, 32, 32), 10, 50_000),
        ["cifar100"] = new Facts(new Shape(3, 32, 32), 100, 50_000),
    };

    /// <summary>Null where the files have to be read first.</summary>
    public static Facts? Of(DataSpec data) => data.Source switch
    {
        DataSource.Named(string name) when Sets.TryGetValue(name, out Facts? facts) =>
            facts with { TrainSamples = Math.Min(facts.TrainSamples, data.TrainSamples ?? int.MaxValue) },
        DataSource.Synthetic made => new Facts(made.Shape, made.Classes, made.TrainCount),
        _ => null,
    };

    /// <param name="Shape">Of one sample.</param>
    /// <param name="Classes">How many classes there are.</param>
    /// <param name="TrainSamples">How many samples there are to learn from.</param>
    public sealed record Facts(Shape Shape, int Classes, int TrainSamples);
}
