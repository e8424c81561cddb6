namespace EdgeSplit.Wire;

/// <summary>So many bits in so much time, while they went.</summary>
/// <param name="Bits">Of payload.</param>
/// <param name="Seconds">In which they came.</param>
public readonly record struct Flow(double Bits, double Seconds)
{
    /// <summary>The rate; null where nothing was measured.</summary>
    public double? BitsPerSecond => Seconds > 0 ? Bits / Seconds : null;

    public static Flow operator +(Flow left, Flow right) => new(left.Bits + right.Bits, left.Seconds + right.Seconds);

    public static Flow operator -(Flow left, Flow right) => new(left.Bits - right.Bits, left.Seconds - right.Seconds);

    public static Flow Add(Flow left, Flow right) => left + right;

    public static Flow Subtract(Flow left, Flow right) => left - right;
}
