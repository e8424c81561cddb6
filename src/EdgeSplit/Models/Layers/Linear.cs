using System.Collections.Immutable;
using EdgeSplit.Numerics;

namespace EdgeSplit.Models.Layers;

/// <summary>y = x·Wᵀ + b over the last axis; W is [out, in].</summary>
public sealed record Linear(int InFeatures, int OutFeatures) : Layer
{
    public bool Bias { get; init; } = true;

    /// <summary>How the weight starts; torch's default, uniform within 1/√in, where null.</summary>
    public Initialization? WeightInitialization { get; init; }

    /// <summary>How the bias starts; torch's default, uniform within 1/√in, where null.</summary>
    public Initialization? BiasInitialization { get; init; }

    public override string Kind => "linear";

    internal override IEnumerable<string> Flaws => LayerLimits.Outside(
        ("in-features", InFeatures, 1, LayerLimits.Width), ("out-features", OutFeatures, 1, LayerLimits.Width));

    public override ImmutableArray<ParameterSpec> Parameters
    {
        get
        {
            Initialization standard = new Initialization.Uniform(1 / Math.Sqrt(InFeatures));
            ParameterSpec weight = Trainable("weight", new Shape(OutFeatures, InFeatures), WeightInitialization ?? standard);
            return Bias ? [weight, Trainable("bias", new Shape(OutFeatures), BiasInitialization ?? standard)] : [weight];
        }
    }

    public override Shape OutputShape(Shape input) =>
        input.Rank >= 1 && input[^1] == InFeatures
            ? new Shape([.. input.Dimensions[..^1], OutFeatures])
            : throw Mismatch($"{InFeatures} features on the last axis", input);

    public override long ForwardFlops(Shape input)
    {
        long outputs = OutputShape(input).ElementCount;
        return (2 * outputs * InFeatures) + (Bias ? outputs : 0);
    }

    /// <summary>The gradients of weight and input each cost as much as the forward pass.</summary>
    public override long BackwardFlops(Shape input, bool hasInputGradient) => ForwardFlops(input) * (hasInputGradient ? 2 : 1);
}
