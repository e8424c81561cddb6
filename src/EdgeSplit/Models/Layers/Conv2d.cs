using System.Collections.Immutable;
using EdgeSplit.Numerics;

namespace EdgeSplit.Models.Layers;

/// <summary>
/// A square 2-D convolution over channels-first images; depthwise where <see cref="Groups"/> equals the channels.
/// Weights are [out, in/groups, k, k].
/// </summary>
public sealed record Conv2d(int InChannels, int OutChannels, int Kernel) : Layer
{
    public int Stride { get; init; } = 1;

    /// <summary>Zeros added on every side.</summary>
    public int Padding { get; init; }

    public int Groups { get; init; } = 1;

    public bool Bias { get; init; } = true;

    /// <summary>How the weight starts; torch's default, uniform within 1/√fan-in, where null.</summary>
    public Initialization? WeightInitialization { get; init; }

    /// <summary>How the bias starts; torch's default, uniform within 1/√fan-in, where null.</summary>
    public Initialization? BiasInitialization { get; init; }

    public override string Kind => "conv2d";

    internal override IEnumerable<string> Flaws =>
    [
        .. LayerLimits.Outside(
            ("in-channels", InChannels, 1, LayerLimits.Width),
            ("out-channels", OutChannels, 1, LayerLimits.Width),
            ("kernel", Kernel, 1, LayerLimits.Window),
            ("stride", Stride, 1, LayerLimits.Window),
            ("padding", Padding, 0, LayerLimits.Window),
            ("groups", Groups, 1, LayerLimits.Width)),
        .. Groups > 0 && (InChannels % Groups != 0 || OutChannels % Groups != 0)
            ? [$"{Groups} groups do not divide {InChannels} in-channels and {OutChannels} out-channels evenly"]
            : Array.Empty<string>(),
    ];

    public override ImmutableArray<ParameterSpec> Parameters
    {
        get
        {
            Initialization standard = new Initialization.Uniform(1 / Math.Sqrt((double)InChannels / Groups * Kernel * Kernel));
            ParameterSpec weight = Trainable(
                "weight", new Shape(OutChannels, InChannels / Groups, Kernel, Kernel), WeightInitialization ?? standard);
            return Bias ? [weight, Trainable("bias", new Shape(OutChannels), BiasInitialization ?? standard)] : [weight];
        }
    }

    public override Shape OutputShape(Shape input)
    {
        if (input.Rank != 3 || input[0] != InChannels)
            throw Mismatch($"{InChannels} channels of an image", input);
        return new Shape(OutChannels, Extent(input, 1), Extent(input, 2));
    }

    public override long ForwardFlops(Shape input)
    {
        long outputs = OutputShape(input).ElementCount;
        return (2 * outputs * (InChannels / Groups) * Kernel * Kernel) + (Bias ? outputs : 0);
    }

    /// <summary>The gradients of weight and input each cost as much as the forward pass.</summary>
    public override long BackwardFlops(Shape input, bool hasInputGradient) => ForwardFlops(input) * (hasInputGradient ? 2 : 1);

    private int Extent(Shape input, int axis)
    {
        int padded = input[axis] + (2 * Padding) - Kernel;
        return padded >= 0 ? (padded / Stride) + 1 : throw Mismatch($"images of at least {Kernel - (2 * Padding)} pixels a side", input);
    }
}
