using EdgeSplit.Models;
using EdgeSplit.Models.Layers;
using EdgeSplit.Numerics;
using EdgeSplit.Torch;

namespace EdgeSplit.Tests.Torch;

/// <summary>One thread, as bitwise comparisons need it, and random tensors.</summary>
internal static class TorchLane
{
    public static TorchEngine Engine(ElementType elementType = ElementType.Float32)
    {
        TorchEngine engine = new("cpu", elementType);
        engine.PrepareLane(1);
        return engine;
    }

    public static Network NetworkOf(Shape input, int classes, params Block[] blocks) => new(new ModelSpec("test", input, classes, blocks));

    /// <summary>Three blocks with most layer kinds: cuts 1 to 3.</summary>
    public static Network SmallNetwork { get; } = NetworkOf(
        new Shape(2, 8, 8), 5,
        new Block(
            "stem", new Conv2d(2, 4, 3) { Name = "stem.0", Padding = 1, Bias = false }, new BatchNorm2d(4) { Name = "stem.1" },
            new Activation(ActivationFunction.ReLU)),
        new Block(
            "residual",
            new Residual(
                [new Conv2d(4, 4, 3) { Name = "body.0", Padding = 1, Groups = 4 }, new Dropout(0.3)],
                [new Conv2d(4, 4, 1) { Name = "shortcut.0" }]),
            new Activation(ActivationFunction.ReLU6), new MaxPool2d(2)),
        new Block("head", new Flatten(), new Dropout(0.5), new Linear(64, 5) { Name = "head" }));

    public static HostTensor Random(Shape shape, ulong seed, ElementType type = ElementType.Float32)
    {
        SeededRandom random = new(seed);
        HostTensor tensor = HostTensor.Zeros(type, shape);
        if (type == ElementType.Float64)
        {
            foreach (ref double value in tensor.As<double>())
                value = random.NextGaussian();
        }
        else
        {
            foreach (ref float value in tensor.As<float>())
                value = (float)random.NextGaussian();
        }

        return tensor;
    }

    public static int[] Labels(int count, int classes, ulong seed)
    {
        SeededRandom random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextInt(classes))];
    }
}
