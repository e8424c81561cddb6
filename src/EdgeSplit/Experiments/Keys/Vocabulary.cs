using EdgeSplit.Training;

namespace EdgeSplit.Experiments.Keys;

/// <summary>The names an experiment file may use for things of other rooms.</summary>
internal static class Vocabulary
{
    /// <summary>Networks of the zoo.</summary>
    public static IReadOnlyList<string> Networks { get; } =
    [
        "mlp", "lenet5", "vgg5", "vgg11", "vgg13", "vgg16", "vgg19", "resnet18", "resnet34", "resnet50", "resnet101", "mobilenetv2",
    ];

    /// <summary>Data sets known by name.</summary>
    public static IReadOnlyList<string> DataSets { get; } = ["fashion-mnist", "mnist", "cifar10", "cifar100"];

    public static OrderedDictionary<string, Method> Methods { get; } = new()
    {
        ["edgesplit"] = Method.EdgeSplit,
        ["splitfed-v1"] = Method.SplitFedV1,
        ["fedavg"] = Method.FedAvg,
        ["centralized"] = Method.Centralized,
    };

    public static string NameOf(Method method) => Methods.First(entry => entry.Value == method).Key;
}
