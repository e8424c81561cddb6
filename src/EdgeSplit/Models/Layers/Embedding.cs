using System.Collections.Immutable;
using EdgeSplit.Numerics;

namespace EdgeSplit.Models.Layers;

/// <summary>
/// A row of a [vocabulary, features] table per token. The input holds token numbers as floats (exact below 2²⁴) and has
/// no gradient, so an embedding comes first in a network.
/// </summary>
public sealed record Embedding(int Vocabulary, int Features) : Layer
{
    public override string Kind => "embedding";

    internal override IEnumerable<string> Flaws => LayerLimits.Outside(
        ("vocabulary", Vocabulary, 1, LayerLimits.Width), ("features", Features, 1, LayerLimits.Width));

    public override ImmutableArray<ParameterSpec> Parameters =>
        [Trainable("weight", new Shape(Vocabulary, Features), new Initialization.Normal(1))];

    public override Shape OutputShape(Shape input) =>
        input.Rank == 1 ? new Shape(input[0], Features) : throw Mismatch("a row of token numbers", input);

    internal override LayerChain Derive(Shape input, bool hasInputGradient) => hasInputGradient
        ? throw new LayerShapeException($"{Title}: it has no gradient of its input, so no trained layer and no cut may come before it")
        : base.Derive(input, hasInputGradient);

    public override long ForwardFlops(Shape input) => 0;

    public override long BackwardFlops(Shape input, bool hasInputGradient) => OutputShape(input).ElementCount;
}
