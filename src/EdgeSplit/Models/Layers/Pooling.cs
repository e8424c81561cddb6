using EdgeSplit.Numerics;

namespace EdgeSplit.Models.Layers;

/// <summary>The window of a pooling layer, and how many of them fit.</summary>
internal readonly record struct PoolingWindow(int Kernel, int Stride, int Padding, bool CeilMode)
{
    public IEnumerable<string> Flaws =>
    [
        .. LayerLimits.Outside(("kernel", Kernel, 1, LayerLimits.Window), ("stride", Stride, 1, LayerLimits.Window)),
        .. Kernel > 0 ? LayerLimits.Outside(("padding", Padding, 0, Kernel / 2)) : [],
    ];

    /// <summary>The least extent that holds a window.</summary>
    public int Smallest => Math.Max(1, Kernel - (2 * Padding) - (CeilMode ? Stride - 1 : 0));

    /// <summary>Windows along an axis, as torch counts them; below 1 where none fits.</summary>
    public int Count(int extent)
    {
        int room = extent + (2 * Padding) - Kernel;
        if (room < 0 && !(CeilMode && room + Stride > 0))
            return 0;
        int count = ((room + (CeilMode ? Stride - 1 : 0)) / Stride) + 1;
        // The last window must start inside the image or its left padding.
        return CeilMode && (count - 1) * Stride >= extent + Padding ? count - 1 : count;
    }

    /// <summary>The image of one value a window; null where the input is no image or holds no window.</summary>
    public Shape? Over(Shape input) => input.Rank == 3 && Count(input[1]) > 0 && Count(input[2]) > 0
        ? new Shape(input[0], Count(input[1]), Count(input[2]))
        : null;
}

/// <summary>The largest value of each window.</summary>
public sealed record MaxPool2d(int Kernel) : Layer
{
    public int Stride { get; init; } = Kernel;

    public int Padding { get; init; }

    /// <summary>Windows that hang over the edge count too.</summary>
    public bool CeilMode { get; init; }

    public override string Kind => "max-pool";

    internal override IEnumerable<string> Flaws => Window.Flaws;

    private PoolingWindow Window => new(Kernel, Stride, Padding, CeilMode);

    public override Shape OutputShape(Shape input) =>
        Window.Over(input) ?? throw Mismatch($"images of at least {Window.Smallest} pixels a side", input);

    public override long ForwardFlops(Shape input) => OutputShape(input).ElementCount * Kernel * Kernel;

    public override long BackwardFlops(Shape input, bool hasInputGradient) => hasInputGradient ? OutputShape(input).ElementCount : 0;

    /// <summary>The output, and the 8-byte index of each maximum.</summary>
    public override long StoredElements(Shape input) => 3 * OutputShape(input).ElementCount;
}

/// <summary>The mean of each window; padding counts as zeros, as torch has it.</summary>
public sealed record AvgPool2d(int Kernel) : Layer
{
    public int Stride { get; init; } = Kernel;

    public int Padding { get; init; }

    public override string Kind => "avg-pool";

    internal override IEnumerable<string> Flaws => Window.Flaws;

    private PoolingWindow Window => new(Kernel, Stride, Padding, CeilMode: false);

    public override Shape OutputShape(Shape input) =>
        Window.Over(input) ?? throw Mismatch($"images of at least {Window.Smallest} pixels a side", input);

    public override long ForwardFlops(Shape input) => OutputShape(input).ElementCount * Kernel * Kernel;
}

/// <summary>Means over as many windows as the output has pixels, whatever the input's size.</summary>
public sealed record AdaptiveAvgPool2d(int OutputSize) : Layer
{
    public override string Kind => "adaptive-avg-pool";

    internal override IEnumerable<string> Flaws => LayerLimits.Outside(("output-size", OutputSize, 1, LayerLimits.Window));

    public override Shape OutputShape(Shape input) =>
        input.Rank == 3 ? new Shape(input[0], OutputSize, OutputSize) : throw Mismatch("an image", input);

    public override long ForwardFlops(Shape input) => Math.Max(input.ElementCount, OutputShape(input).ElementCount);
}
