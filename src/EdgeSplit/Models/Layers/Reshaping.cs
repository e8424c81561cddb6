using EdgeSplit.Numerics;

namespace EdgeSplit.Models.Layers;

/// <summary>All axes of a sample laid end to end.</summary>
public sealed record Flatten : Layer
{
    public override string Kind => "flatten";

    public override Shape OutputShape(Shape input) => new(checked((int)input.ElementCount));

    public override long ForwardFlops(Shape input) => 0;

    /// <summary>A view: nothing of its own.</summary>
    public override long StoredElements(Shape input) => 0;
}

/// <summary>
/// Zeroes each element with <see cref="Probability"/> while training and scales the others by 1/(1−p) (Srivastava et al.
/// 2014). The mask depends on seed, device, round, step and block alone, so a cut never moves it.
/// </summary>
public sealed record Dropout(double Probability) : Layer
{
    public override string Kind => "dropout";

    internal override IEnumerable<string> Flaws =>
        Probability is >= 0 and < 1 ? [] : [$"probability is {Probability}, not at least 0 and below 1"];

    public override Shape OutputShape(Shape input) => input;

    public override long ForwardFlops(Shape input) => input.ElementCount;

    public override long StoredElements(Shape input) => 2 * input.ElementCount;
}
