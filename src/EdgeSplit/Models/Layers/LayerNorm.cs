using System.Collections.Immutable;
using EdgeSplit.Numerics;

namespace EdgeSplit.Models.Layers;

/// <summary>Normalisation over the last axis (Ba et al. 2016), with a scale and a shift per feature.</summary>
public sealed record LayerNorm(int Features) : Layer
{
    public double Epsilon { get; init; } = 1e-5;

    public override string Kind => "layer-norm";

    internal override IEnumerable<string> Flaws =>
    [
        .. LayerLimits.Outside(("features", Features, 1, LayerLimits.Width)),
        .. Epsilon is > 0 and < double.PositiveInfinity ? Array.Empty<string>() : [$"epsilon is {Epsilon}, not above 0"],
    ];

    public override ImmutableArray<ParameterSpec> Parameters =>
    [
        Trainable("weight", new Shape(Features), new Initialization.Constant(1)),
        Trainable("bias", new Shape(Features), new Initialization.Constant(0)),
    ];

    public override Shape OutputShape(Shape input) =>
        input.Rank >= 1 && input[^1] == Features ? input : throw Mismatch($"{Features} features on the last axis", input);

    public override long ForwardFlops(Shape input) => 7 * input.ElementCount;

    public override long BackwardFlops(Shape input, bool hasInputGradient) => (hasInputGradient ? 11 : 4) * input.ElementCount;
}
