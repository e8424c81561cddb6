using System.Collections.Immutable;
using EdgeSplit.Models.Layers;
using EdgeSplit.Numerics;

namespace EdgeSplit.Models.Zoo;

/// <summary>
/// Networks known by name. Their blocks follow one rule: a layer with weights, its batch-norm, activation, pooling and
/// flatten are one block; a residual block is one block; dropout goes with the linear layer it feeds.
/// </summary>
public static class ModelZoo
{
    private const int LargestSmallestSide = 64;

    private static readonly Dictionary<string, Action<BlockList>> Builders = new(StringComparer.Ordinal)
    {
        ["mlp"] = Mlp.Build,
        ["lenet5"] = LeNet5.Build,
        ["vgg5"] = Vgg5.Build,
        ["vgg11"] = blocks => Vgg.Build(blocks, [1, 1, 2, 2, 2]),
        ["vgg13"] = blocks => Vgg.Build(blocks, [2, 2, 2, 2, 2]),
        ["vgg16"] = blocks => Vgg.Build(blocks, [2, 2, 3, 3, 3]),
        ["vgg19"] = blocks => Vgg.Build(blocks, [2, 2, 4, 4, 4]),
        ["resnet18"] = blocks => ResNet.Build(blocks, [2, 2, 2, 2], isBottleneck: false),
        ["resnet34"] = blocks => ResNet.Build(blocks, [3, 4, 6, 3], isBottleneck: false),
        ["resnet50"] = blocks => ResNet.Build(blocks, [3, 4, 6, 3], isBottleneck: true),
        ["resnet101"] = blocks => ResNet.Build(blocks, [3, 4, 23, 3], isBottleneck: true),
        ["mobilenetv2"] = MobileNetV2.Build,
    };

    /// <summary>All names, smallest network of a family first.</summary>
    public static ImmutableArray<string> Names { get; } = [.. Builders.Keys];

    /// <summary>A sample size the network is commonly shown at: Fashion-MNIST's, CIFAR's or ImageNet's.</summary>
    public static Shape UsualInput(string name) => name switch
    {
        "mlp" or "lenet5" => new Shape(1, 28, 28),
        "vgg5" => new Shape(3, 32, 32),
        _ => new Shape(3, 224, 224),
    };

    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="input">One sample: channels x height x width; any shape for <c>mlp</c>.</param>
    /// <param name="classes">The width of the last layer.</param>
    /// <param name="dropout">
    /// The probability of dropout before the last linear layer, or in place of the network's own (0 for none); null for the
    /// network's own.
    /// </param>
    /// <exception cref="InvalidInputException">Every fault: an unknown name, numbers out of range, an input that does not fit.</exception>
    public static ModelSpec Create(string name, Shape input, int classes, double? dropout = null)
    {
        List<Fault> faults = [];
        if (!Builders.TryGetValue(name, out Action<BlockList>? build))
            faults.Add(new Fault("model", $"there is no network called '{name}'", NearestName.Remedy(name, Names)));
        if (classes is < 1 or > LayerLimits.Width)
            faults.Add(new Fault("classes", $"{classes} classes cannot be told apart", $"give 1 to {LayerLimits.Width}"));
        if (dropout is not (null or (>= 0 and < 1)))
            faults.Add(new Fault("dropout", $"it is {dropout}", "give a probability of at least 0 and below 1"));
        if (name != "mlp" && input.Rank != 3)
            faults.Add(new Fault("input", $"{name} takes images, not {input}", "give channels x height x width, such as 3x32x32"));
        if (input.Dimensions.Any(extent => extent < 1) || !LayerLimits.Holds(input))
            faults.Add(new Fault("input", $"{input} is no size of a sample", "every extent must be 1 or more, 2 GiB in all"));
        if (faults.Count > 0)
            throw new InvalidInputException(faults);

        try
        {
            return Build(name, build!, input, classes, dropout);
        }
        catch (LayerShapeException mismatch)
        {
            throw new InvalidInputException(name, mismatch.Message, SmallestThatFits(name, build!, input, classes));
        }
    }

    private static ModelSpec Build(string name, Action<BlockList> build, Shape input, int classes, double? dropout)
    {
        BlockList blocks = new(input, classes, dropout);
        build(blocks);
        return new ModelSpec(name, input, classes, blocks.ToImmutable());
    }

    /// <summary>Says the smallest square image that fits; null where the input's size is not what is wrong.</summary>
    private static string? SmallestThatFits(string name, Action<BlockList> build, Shape input, int classes)
    {
        for (int side = 1; input.Rank == 3 && side <= LargestSmallestSide; side++)
        {
            try
            {
                _ = Build(name, build, new Shape(input[0], side, side), classes, null);
                return side > Math.Min(input[1], input[2]) ? $"give an input of at least {input[0]}x{side}x{side}" : null;
            }
            catch (LayerShapeException)
            {
                // One pixel more may fit.
            }
        }

        return null;
    }
}
