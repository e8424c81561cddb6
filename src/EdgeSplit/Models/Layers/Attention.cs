using System.Collections.Immutable;
using EdgeSplit.Numerics;

namespace EdgeSplit.Models.Layers;

/// <summary>
/// Multi-head self-attention over a sequence [tokens, features] (Vaswani et al. 2017, eq. 1), with the parameters of
/// torch's <c>MultiheadAttention</c>.
/// </summary>
public sealed record Attention(int Features, int Heads) : Layer
{
    public override string Kind => "attention";

    internal override IEnumerable<string> Flaws =>
    [
        .. LayerLimits.Outside(("features", Features, 1, LayerLimits.Width), ("heads", Heads, 1, LayerLimits.Width)),
        .. Heads > 0 && Features % Heads != 0 ? [$"{Heads} heads do not divide {Features} features evenly"] : Array.Empty<string>(),
    ];

    public override ImmutableArray<ParameterSpec> Parameters
    {
        get
        {
            // Xavier uniform over the stacked projections, as torch has it.
            Initialization inProjection = new Initialization.Uniform(Math.Sqrt(6.0 / (4 * Features)));
            Initialization outProjection = new Initialization.Uniform(1 / Math.Sqrt(Features));
            Initialization zero = new Initialization.Constant(0);
            return
            [
                Trainable("in_proj_weight", new Shape(3 * Features, Features), inProjection),
                Trainable("in_proj_bias", new Shape(3 * Features), zero),
                Trainable("out_proj.weight", new Shape(Features, Features), outProjection),
                Trainable("out_proj.bias", new Shape(Features), zero),
            ];
        }
    }

    public override Shape OutputShape(Shape input) =>
        input.Rank == 2 && input[1] == Features ? input : throw Mismatch($"tokens of {Features} features", input);

    /// <summary>Four projections, then scores and their weighted sum.</summary>
    public override long ForwardFlops(Shape input)
    {
        long tokens = input[0];
        return checked((8 * tokens * Features * Features) + (4 * tokens * tokens * Features) + (5 * tokens * tokens * Heads));
    }

    public override long BackwardFlops(Shape input, bool hasInputGradient) => checked(2 * ForwardFlops(input));

    /// <summary>Queries, keys, values, the scores after softmax, the mix and the output.</summary>
    public override long StoredElements(Shape input) => (5 * input.ElementCount) + ((long)Heads * input[0] * input[0]);
}
