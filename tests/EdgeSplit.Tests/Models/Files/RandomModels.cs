using CsCheck;
using EdgeSplit.Models;
using EdgeSplit.Models.Layers;
using EdgeSplit.Numerics;

namespace EdgeSplit.Tests.Models.Files;

/// <summary>Small networks whose shapes fit, of every kind of layer.</summary>
internal static class RandomModels
{
    private static readonly Gen<(int Kind, int A, int B)> Draw = CsCheck.Gen.Select(
        CsCheck.Gen.Int[0, 8], CsCheck.Gen.Int[1, 6], CsCheck.Gen.Int[1, 3], (kind, a, b) => (kind, a, b));

    private static readonly Gen<ModelSpec> Images =
        from channels in CsCheck.Gen.Int[1, 4]
        from side in CsCheck.Gen.Int[3, 12]
        from classes in CsCheck.Gen.Int[1, 12]
        from draws in Draw.Array[0, 8]
        select Build(new Shape(channels, side, side + 1), classes, draws);

    private static readonly Gen<ModelSpec> Tokens =
        from tokens in CsCheck.Gen.Int[1, 9]
        from heads in CsCheck.Gen.Int[1, 3]
        from width in CsCheck.Gen.Int[1, 4]
        from depth in CsCheck.Gen.Int[0, 3]
        select Transformer(tokens, heads, heads * width, depth);

    public static Gen<ModelSpec> Gen { get; } = CsCheck.Gen.OneOf(Images, Tokens);

    private static ModelSpec Build(Shape input, int classes, (int Kind, int A, int B)[] draws)
    {
        List<Block> blocks = [];
        Shape shape = input;
        foreach ((int kind, int a, int b) in draws)
        {
            Layer[] layers = Image($"b{blocks.Count}", kind, a, b, shape);
            shape = LayerChain.Derive(layers, shape, hasInputGradient: true).Output;
            blocks.Add(new Block($"block {blocks.Count}: {kind}", layers));
        }

        blocks.Add(new Block("end", new Flatten(), new Linear((int)shape.ElementCount, classes) { Name = "fc", Bias = classes > 3 }));
        return new ModelSpec("true", input, classes, blocks);
    }

    private static Layer[] Image(string name, int kind, int a, int b, Shape shape) => kind switch
    {
        0 => [new Conv2d(shape[0], a, b) { Name = name, Stride = b, Padding = b, Bias = a > 3 }],
        1 => [new Conv2d(shape[0], shape[0] * (1 + (a % 2)), b) { Name = name, Groups = shape[0], Padding = b, WeightInitialization = Start(a, b) }],
        2 => [new BatchNorm2d(shape[0]) { Name = name, Epsilon = a * 1e-3, Momentum = b * 0.1 }],
        3 => [new Activation((ActivationFunction)(b - 1)), new Dropout(a / 7.0)],
        4 => [new MaxPool2d(b) { Stride = b, Padding = b / 2, CeilMode = a > 3 }],
        5 => [new AvgPool2d(b) { Stride = a, Padding = b / 2 }],
        6 => [new AdaptiveAvgPool2d(a)],
        7 => [new Residual([new Residual([new Conv2d(shape[0], shape[0], 1) { Name = name }], [])], [new Activation(ActivationFunction.GELU)])],
        _ => [new Residual([new Conv2d(shape[0], a, 1) { Name = name }], [new Conv2d(shape[0], a, 1) { Name = name + ".s" }]) { Name = "sum" }],
    };

    private static Initialization Start(int a, int b) => b switch
    {
        1 => new Initialization.Normal(a / 3.0),
        2 => new Initialization.Uniform(a / 3.0),
        _ => new Initialization.Constant(-a / 3.0),
    };

    private static ModelSpec Transformer(int tokens, int heads, int features, int depth) => new(
        "transformer \"é\"",
        new Shape(tokens),
        2,
        [
            new Block("tokens", new Embedding(50, features) { Name = "tokens" }),
            .. Enumerable.Range(0, depth).Select(index => new Block(
                $"layer{index}",
                new Residual([new LayerNorm(features) { Name = $"n{index}", Epsilon = 1e-6 }, new Attention(features, heads) { Name = $"a{index}" }], []))),
            new Block("head", new Flatten(), new Linear(tokens * features, 2) { Name = "fc" }),
        ]);
}
