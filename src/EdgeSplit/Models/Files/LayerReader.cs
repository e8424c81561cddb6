using System.Collections.Immutable;
using EdgeSplit.Models.Layers;
using EdgeSplit.Numerics;
using EdgeSplit.Yaml;
using YamlDotNet.RepresentationModel;

namespace EdgeSplit.Models.Files;

/// <summary>Layers from YAML, each checked against the shape that reaches it; after one that is wrong, that is unknown.</summary>
/// <param name="classes">What <c>out-features: classes</c> stands for; null where that is not known.</param>
/// <param name="faults">Where faults go.</param>
internal sealed class LayerReader(int? classes, YamlFaults faults)
{
    private static readonly string[] Kinds =
    [
        "conv2d", "batch-norm", "relu", "relu6", "gelu", "max-pool", "avg-pool", "adaptive-avg-pool", "flatten", "linear",
        "dropout", "layer-norm", "embedding", "attention", "residual",
    ];

    /// <param name="list">The layers' nodes; null where they are missing.</param>
    /// <param name="prefix">A layer without a name is called <c>prefix.0</c>, <c>prefix.1</c>, ... by its place.</param>
    /// <param name="input">The shape that reaches the first; null where that is not known.</param>
    /// <param name="hasInputGradient">Whether something is trained before them.</param>
    public (ImmutableArray<Layer> Layers, Shape? Output) Layers(YamlList? list, string prefix, Shape? input, bool hasInputGradient)
    {
        ImmutableArray<Layer>.Builder layers = ImmutableArray.CreateBuilder<Layer>();
        bool hasGradient = hasInputGradient;
        Shape? shape = input;
        if (list is { Count: 0 })
            faults.Add(list.Node, list.Path, "it holds no layers", "give it at least one");
        for (int index = 0; index < (list?.Count ?? 0); index++)
        {
            int before = faults.Count;
            YamlValue value = list![index];
            Layer? layer = Read(value, $"{prefix}.{index}", shape, hasGradient);
            LayerChain? derived = layer is not null && shape is not null && faults.Count == before
                ? Derive(value, layer, shape.Value, hasGradient)
                : null;
            if (layer is not null)
                layers.Add(layer);
            shape = derived?.Output;
            hasGradient = derived?.HasGradient ?? false;
        }

        return (layers.ToImmutable(), shape);
    }

    private static LayerChain? Derive(YamlValue value, Layer layer, Shape input, bool hasGradient)
    {
        try
        {
            return LayerChain.Derive([layer], input, hasGradient);
        }
        catch (LayerShapeException mismatch)
        {
            value.Reject(mismatch.Message);
            return null;
        }
    }

    private Layer? Read(YamlValue value, string defaultName, Shape? input, bool hasGradient)
    {
        YamlMap? map = value.IsScalar ? Alone(value) : value.Map();
        if (map?.Required("kind")?.String() is not string kind)
            return null;
        if (!Kinds.Contains(kind))
        {
            value.Reject($"there is no kind of layer called '{kind}'", NearestName.Remedy(kind, Kinds));
            return null;
        }

        string? name = map.OptionalString("name");
        LayerKeys keys = new(map, value.Node);
        Layer layer = kind == "residual" ? Residual(keys, name ?? defaultName, input, hasGradient) : Bind(kind, keys, input);
        map.RejectUnknownKeys();
        return layer with { Name = name ?? (HasParameters(layer) ? defaultName : "") };
    }

    /// <summary>A kind without keys, as the map it stands for.</summary>
    private YamlMap? Alone(YamlValue value) =>
        value.String() is string kind ? new YamlMap(new YamlMappingNode { { "kind", kind } }, value.Path, faults) : null;

    private Residual Residual(LayerKeys keys, string prefix, Shape? input, bool hasGradient)
    {
        (ImmutableArray<Layer> body, _) = Layers(keys.Map.RequiredList("body"), $"{prefix}.body", input, hasGradient);
        ImmutableArray<Layer> shortcut = keys.Map.OptionalList("shortcut") is { Count: > 0 } list
            ? Layers(list, $"{prefix}.shortcut", input, hasGradient).Layers
            : [];
        return new Residual(body, shortcut);
    }

    private Layer Bind(string kind, LayerKeys keys, Shape? input) => kind switch
    {
        "conv2d" => new Conv2d(keys.Width("in-channels", input?[0]), keys.Width("out-channels"), keys.Window("kernel"))
        {
            Stride = keys.Window("stride", 1),
            Padding = keys.Window("padding", 0, minimum: 0),
            Groups = keys.Width("groups", 1),
            Bias = keys.Flag("bias", true),
            WeightInitialization = keys.Initialization("weight-init"),
            BiasInitialization = keys.Initialization("bias-init"),
        },
        "linear" => new Linear(keys.Width("in-features", input?[^1]), keys.WidthOrClasses("out-features", classes))
        {
            Bias = keys.Flag("bias", true),
            WeightInitialization = keys.Initialization("weight-init"),
            BiasInitialization = keys.Initialization("bias-init"),
        },
        "batch-norm" => new BatchNorm2d(keys.Width("channels", input?[0]))
        {
            Epsilon = keys.Positive("epsilon", 1e-5),
            Momentum = keys.Map.OptionalDouble("momentum", 0, 1) ?? 0.1,
        },
        "layer-norm" => new LayerNorm(keys.Width("features", input?[^1])) { Epsilon = keys.Positive("epsilon", 1e-5) },
        "embedding" => new Embedding(keys.Width("vocabulary"), keys.Width("features")),
        "attention" => new Attention(keys.Width("features", input?[^1]), keys.Width("heads")),
        "max-pool" => MaxPool(keys),
        "avg-pool" => AvgPool(keys),
        "adaptive-avg-pool" => new AdaptiveAvgPool2d(keys.Window("output-size")),
        "dropout" => new Dropout(keys.Probability("probability")),
        "flatten" => new Flatten(),
        "relu" => new Activation(ActivationFunction.ReLU),
        "relu6" => new Activation(ActivationFunction.ReLU6),
        "gelu" => new Activation(ActivationFunction.GELU),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    private static MaxPool2d MaxPool(LayerKeys keys)
    {
        int kernel = keys.Window("kernel");
        return new MaxPool2d(kernel)
        {
            Stride = keys.Window("stride", kernel),
            Padding = keys.Window("padding", 0, minimum: 0),
            CeilMode = keys.Flag("ceil-mode", false),
        };
    }

    private static AvgPool2d AvgPool(LayerKeys keys)
    {
        int kernel = keys.Window("kernel");
        return new AvgPool2d(kernel) { Stride = keys.Window("stride", kernel), Padding = keys.Window("padding", 0, minimum: 0) };
    }

    private static bool HasParameters(Layer layer) =>
        layer is Conv2d or Linear or BatchNorm2d or LayerNorm or Embedding or Attention;
}
