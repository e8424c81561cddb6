using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Models.Layers;
using EdgeSplit.Numerics;

namespace EdgeSplit.Tests.Torch;

/// <summary>Every layer kind's gradients, of parameters and of the input, against central differences in float64.</summary>
public class GradientTests
{
    private const int Batch = 3;

    public static TheoryData<string, Shape, Layer> Kinds { get; } = new()
    {
        { "conv", new Shape(2, 5, 6), new Conv2d(2, 3, 3) { Name = "it", Padding = 1 } },
        { "conv, strided, no bias", new Shape(2, 6, 6), new Conv2d(2, 3, 2) { Name = "it", Stride = 2, Bias = false } },
        { "conv, depthwise", new Shape(3, 4, 4), new Conv2d(3, 3, 3) { Name = "it", Groups = 3, Padding = 1 } },
        { "batch-norm", new Shape(3, 3, 3), new BatchNorm2d(3) { Name = "it" } },
        { "relu", new Shape(3, 4), new Activation(ActivationFunction.ReLU) },
        { "relu6", new Shape(3, 4), new Activation(ActivationFunction.ReLU6) },
        { "gelu", new Shape(3, 4), new Activation(ActivationFunction.GELU) },
        { "max-pool", new Shape(2, 5, 5), new MaxPool2d(3) { Stride = 2, Padding = 1, CeilMode = true } },
        { "avg-pool", new Shape(2, 5, 5), new AvgPool2d(2) { Padding = 1 } },
        { "adaptive-avg-pool", new Shape(2, 5, 7), new AdaptiveAvgPool2d(2) },
        { "flatten", new Shape(2, 2, 3), new Flatten() },
        { "linear", new Shape(4), new Linear(4, 3) { Name = "it" } },
        { "linear over tokens", new Shape(5, 4), new Linear(4, 3) { Name = "it", Bias = false } },
        { "dropout", new Shape(4, 5), new Dropout(0.4) },
        { "layer-norm", new Shape(4, 6), new LayerNorm(6) { Name = "it" } },
        { "attention", new Shape(4, 6), new Attention(6, 2) { Name = "it" } },
        {
            "residual", new Shape(2, 4, 4),
            new Residual(
                [new Conv2d(2, 2, 3) { Name = "body", Padding = 1 }, new BatchNorm2d(2) { Name = "norm" }, new Dropout(0.2)],
                [new Conv2d(2, 2, 1) { Name = "shortcut" }])
        },
        { "residual, empty shortcut", new Shape(3, 4), new Residual([new Linear(4, 4) { Name = "body" }], []) },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Gradients_equal_finite_differences(string kind, Shape input, Layer layer)
    {
        Assert.NotEmpty(kind);
        Layer[] rescale = input.Rank == 1 ? [new Linear(input[0], input[0]) { Name = "before" }] : [new Activation(ActivationFunction.GELU)];
        Check(input, [new Block("before", rescale), new Block("layer", layer), .. Head(layer.OutputShape(input))], first: 2);
    }

    [Fact]
    public void An_embedding_s_gradient_equals_finite_differences() =>
        Check(new Shape(4), [new Block("tokens", new Embedding(5, 3) { Name = "it" }), .. Head(new Shape(4, 3))], first: 1);

    private static Block[] Head(Shape input) =>
        [new Block("flatten", new Flatten()), new Block("head", new Linear((int)input.ElementCount, 4) { Name = "head" })];

    private static void Check(Shape sample, Block[] blocks, int first)
    {
        Network network = TorchLane.NetworkOf(sample, 4, blocks);
        using Weights weights = Randomized(network);
        HostTensor input = first > 1 ? TorchLane.Random(sample.Prepend(Batch), 3, ElementType.Float64) : Tokens(sample.Prepend(Batch), 5);
        int[] labels = TorchLane.Labels(Batch, 4, 4);

        SegmentSpec spec = new(network, first, network.Length, null);
        using ISegment segment = TorchLane.Engine(ElementType.Float64).Build(spec, weights);
        LossOutcome outcome = segment.ForwardBackward(input, labels, Key);
        using Weights gradients = segment.SaveGradients();

        double Loss()
        {
            using ISegment moved = TorchLane.Engine(ElementType.Float64).Build(spec, weights);
            return moved.ForwardBackward(input, labels, Key).Loss;
        }

        foreach ((string name, HostTensor gradient) in gradients)
            AssertClose(name, gradient, weights[name], Loss);
        if (outcome.InputGradient is { } inputGradient)
            AssertClose("input", inputGradient, input, Loss);
        Assert.Equal(first > 1, outcome.InputGradient is not null);
    }

    private static StepKey Key => new(Seed: 7, Device: 1, Round: 2, Step: 3);

    private static void AssertClose(string name, HostTensor gradient, HostTensor point, Func<double> loss)
    {
        const double Step = 1e-5;
        Span<double> at = point.As<double>();
        SeededRandom random = new(11);
        for (int check = 0; check < Math.Min(at.Length, 12); check++)
        {
            int index = at.Length <= 12 ? check : random.NextInt(at.Length);
            double original = at[index];
            at[index] = original + Step;
            double above = loss();
            at[index] = original - Step;
            double below = loss();
            at[index] = original;
            double expected = (above - below) / (2 * Step), actual = gradient.As<double>()[index];
            Assert.True(Math.Abs(expected - actual) <= 1e-7 + (1e-5 * Math.Abs(expected)), $"{name}[{index}]: {actual} is not {expected}");
        }
    }

    private static Weights Randomized(Network network)
    {
        Weights weights = new();
        ulong seed = 20;
        foreach (ParameterSpec parameter in network.Parameters)
        {
            if (parameter.ElementType == ElementType.Int64)
                weights.Add(parameter.Name, HostTensor.Zeros(ElementType.Int64, parameter.Shape));
            else
                weights.Add(parameter.Name, Positive(TorchLane.Random(parameter.Shape, seed++, ElementType.Float64), parameter));
        }

        return weights;
    }

    private static HostTensor Positive(HostTensor tensor, ParameterSpec parameter)
    {
        foreach (ref double value in tensor.As<double>())
            value = parameter.Role == ParameterRole.Buffer ? Math.Abs(value) + 0.5 : value;
        return tensor;
    }

    private static HostTensor Tokens(Shape shape, int vocabulary)
    {
        SeededRandom random = new(5);
        HostTensor tokens = HostTensor.Zeros(ElementType.Float32, shape);
        foreach (ref float token in tokens.As<float>())
            token = random.NextInt(vocabulary);
        return tokens;
    }
}
