using System.Collections.Immutable;
using EdgeSplit.Numerics;

namespace EdgeSplit.Models.Layers;

/// <summary>Batch normalisation per channel (Ioffe &amp; Szegedy 2015), with running statistics as buffers.</summary>
public sealed record BatchNorm2d(int Channels) : Layer
{
    public double Epsilon { get; init; } = 1e-5;

    /// <summary>The weight of a new batch in the running statistics.</summary>
    public double Momentum { get; init; } = 0.1;

    public override string Kind => "batch-norm";

    internal override IEnumerable<string> Flaws =>
    [
        .. LayerLimits.Outside(("channels", Channels, 1, LayerLimits.Width)),
        .. Epsilon is > 0 and < double.PositiveInfinity ? Array.Empty<string>() : [$"epsilon is {Epsilon}, not above 0"],
        .. Momentum is >= 0 and <= 1 ? Array.Empty<string>() : [$"momentum is {Momentum}, not from 0 to 1"],
    ];

    public override ImmutableArray<ParameterSpec> Parameters =>
    [
        Trainable("weight", new Shape(Channels), new Initialization.Constant(1)),
        Trainable("bias", new Shape(Channels), new Initialization.Constant(0)),
        Buffer("running_mean", new Shape(Channels), 0),
        Buffer("running_var", new Shape(Channels), 1),
        Buffer("num_batches_tracked", default, 0, ElementType.Int64),
    ];

    public override Shape OutputShape(Shape input) =>
        input.Rank == 3 && input[0] == Channels ? input : throw Mismatch($"{Channels} channels of an image", input);

    /// <summary>Mean, variance, and a multiply-add to normalise and to scale.</summary>
    public override long ForwardFlops(Shape input) => 7 * input.ElementCount;

    public override long BackwardFlops(Shape input, bool hasInputGradient) => (hasInputGradient ? 11 : 4) * input.ElementCount;
}
