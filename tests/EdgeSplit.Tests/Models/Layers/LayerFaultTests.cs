using EdgeSplit.Models;
using EdgeSplit.Models.Layers;
using EdgeSplit.Numerics;

namespace EdgeSplit.Tests.Models.Layers;

public class LayerFaultTests
{
    private const int Huge = int.MaxValue;

    public static TheoryData<Layer, string> Hostile => new()
    {
        { new Conv2d(Huge, Huge, Huge) { Name = "x" }, "8x8x8" },
        { new Conv2d(8, 1 << 28, 1) { Name = "x" }, "8x8x8" },
        { new Conv2d(8, 1 << 20, 1) { Name = "x" }, "8x4096x4096" },
        { new Conv2d(8, 8, -1) { Name = "x" }, "8x8x8" },
        { new Conv2d(8, 8, 1) { Name = "x", Groups = 0 }, "8x8x8" },
        { new Conv2d(8, 8, 1) { Name = "x", Groups = 3 }, "8x8x8" },
        { new Conv2d(8, 8, 1) { Name = "x", Padding = Huge }, "8x8x8" },
        { new Conv2d(8, 8, 1) { Name = "x", Stride = 0 }, "8x8x8" },
        { new Conv2d(8, 8, 1), "8x8x8" },
        { new MaxPool2d(Huge) { Padding = Huge / 2 }, "8x8x8" },
        { new MaxPool2d(3) { Padding = 2 }, "8x8x8" },
        { new AvgPool2d(2) { Stride = 0 }, "8x8x8" },
        { new AdaptiveAvgPool2d(Huge), "8x8x8" },
        { new AdaptiveAvgPool2d(4096), "8192x8x8" },
        { new Linear(512, Huge) { Name = "x" }, "512" },
        { new Linear(512, 0) { Name = "x" }, "512" },
        { new BatchNorm2d(8) { Name = "x", Epsilon = 0 }, "8x8x8" },
        { new LayerNorm(-8) { Name = "x" }, "8" },
        { new Embedding(Huge, Huge) { Name = "x" }, "8" },
        { new Attention(8, 3) { Name = "x" }, "8x8" },
        { new Attention(8, 0) { Name = "x" }, "8x8" },
        { new Attention(Huge, Huge) { Name = "x" }, "8x8" },
        { new Dropout(1), "8" },
        { new Dropout(double.NaN), "8" },
        { new Residual([new Conv2d(8, 8, 1) { Name = "x", Groups = 0 }], []), "8x8x8" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Numbers_no_engine_could_hold_are_bad_input(Layer layer, string input)
    {
        Assert.True(Shape.TryParse(input, out Shape shape));
        ModelSpec spec = new("hostile", shape, 10, [new Block("one", layer)]);
        Assert.Contains("block 1 (one)", Assert.Throws<InvalidInputException>(() => new Network(spec)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_embedding_after_a_trained_layer_is_refused() =>
        Assert.Throws<LayerShapeException>(() => LayerChain.Derive(
            [new Linear(4, 4) { Name = "fc" }, new Embedding(10, 3) { Name = "tokens" }], new Shape(4), hasInputGradient: false));

    [Fact]
    public void Deeply_nested_residuals_cost_no_more_than_their_layers()
    {
        Layer layer = new Conv2d(4, 4, 3) { Name = "conv", Padding = 1 };
        Shape input = new(4, 8, 8);
        long forward = layer.ForwardFlops(input);
        for (int depth = 1; depth <= 200; depth++)
            layer = new Residual([layer], []);
        Assert.Equal(forward + (200 * input.ElementCount), layer.ForwardFlops(input));
    }

    [Fact]
    public void The_first_block_computes_no_gradient_of_its_input()
    {
        Layer[] layers = [new Conv2d(4, 4, 3) { Name = "conv", Padding = 1 }, new Activation(ActivationFunction.ReLU)];
        Shape input = new(4, 8, 8);
        LayerChain first = LayerChain.Derive(layers, input, hasInputGradient: false);
        LayerChain later = LayerChain.Derive(layers, input, hasInputGradient: true);
        Assert.Equal(layers[0].ForwardFlops(input), later.BackwardFlops - first.BackwardFlops);
        Assert.Equal(input.ElementCount, first.BackwardFlops - layers[0].ForwardFlops(input));
    }
}
