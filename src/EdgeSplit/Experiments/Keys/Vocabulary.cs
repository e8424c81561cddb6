using EdgeSplit.Data;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Training;
using EdgeSplit.Wire;

namespace EdgeSplit.Experiments.Keys;

/// <summary>The names an experiment file may use for things of other rooms.</summary>
internal static class Vocabulary
{
    /// <summary>Networks of the zoo.</summary>
    public static IReadOnlyList<string> Networks { get; } = ModelZoo.Names;

    /// <summary>Data sets known by name.</summary>
    public static IReadOnlyList<string> DataSets { get; } = DatasetCatalog.Names;

    public static OrderedDictionary<string, Method> Methods { get; } = new()
    {
        ["edgesplit"] = Method.EdgeSplit,
        ["splitfed-v1"] = Method.SplitFedV1,
        ["splitfed-v2"] = Method.SplitFedV2,
        ["psl"] = Method.Psl,
        ["split"] = Method.Split,
        ["fedavg"] = Method.FedAvg,
        ["centralized"] = Method.Centralized,
    };

    /// <summary>The names of the methods that have something in common.</summary>
    public static IReadOnlyList<string> MethodsWhere(Func<Method, bool> trait) => [.. Methods.Where(entry => trait(entry.Value)).Select(entry => entry.Key)];

    public static OrderedDictionary<string, TensorEncoding> Encodings { get; } = new()
    {
        ["float32"] = TensorEncoding.Float32,
        ["bf16"] = TensorEncoding.BFloat16,
        ["fp16"] = TensorEncoding.Float16,
    };

    public static string NameOf(TensorEncoding encoding) => Encodings.First(entry => entry.Value == encoding).Key;

    public static string NameOf(Method method) => Methods.First(entry => entry.Value == method).Key;
}
