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

    public override ImmutableArray<ParameterSpec> Parameters =>
        [Trainable("weight", new Shape(Vocabulary, Features), new Initialization.Normal(1))];

    public override Shape OutputShape(Shape input) =>
        input.Rank == 1 ? new Shape(input[0], Features) : throw Mismatch("a row of token numbers", input);

    public override long ForwardFlops(Shape input) => 0;

    public override long BackwardFlops(Shape input, bool hasInputGradient) => OutputShape(input).ElementCount;
}
