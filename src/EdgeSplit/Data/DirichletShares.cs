using EdgeSplit.Numerics;

namespace EdgeSplit.Data;

/// <summary>Proportions drawn from a symmetric Dirichlet distribution, the same bits on every platform.</summary>
internal static class DirichletShares
{
    /// <summary>
    /// Fills <paramref name="shares"/> with non-negative numbers of sum 1 (up to rounding): gammas (Marsaglia &amp; Tsang 2000), normalised
    /// by their sum. They are drawn as logarithms, so that no α, however small, underflows to 0 / 0.
    /// </summary>
    /// <param name="shares">At least one.</param>
    /// <param name="alpha">The concentration, positive; small values give few large shares.</param>
    /// <param name="random">Where the numbers come from.</param>
    public static void Draw(Span<double> shares, double alpha, SeededRandom random)
    {
        double largest = double.NegativeInfinity;
        foreach (ref double share in shares)
        {
            share = LogGamma(alpha, random);
            largest = Math.Max(largest, share);
        }

        double sum = 0;
        foreach (ref double share in shares)
        {
            share = PortableMath.Exp(share - largest);
            sum += share;
        }

        foreach (ref double share in shares)
            share /= sum;
    }

    /// <summary>
    /// Cuts <paramref name="total"/> into whole parts by <paramref name="shares"/>: the cumulative shares are rounded down, and the last
    /// part ends at the total. Each part is within one of its exact share.
    /// </summary>
    public static void Cut(int total, ReadOnlySpan<double> shares, Span<int> parts)
    {
        double cumulative = 0;
        int start = 0;
        for (int part = 0; part < parts.Length; part++)
        {
            cumulative += shares[part];
            int end = part == parts.Length - 1 ? total : Math.Clamp((int)(cumulative * total), start, total);
            parts[part] = end - start;
            start = end;
        }
    }

    /// <summary>The logarithm of a gamma variate of shape <paramref name="alpha"/>; below 1 that of shape α + 1 times U^(1/α).</summary>
    private static double LogGamma(double alpha, SeededRandom random)
    {
        double boost = 0;
        if (alpha < 1)
        {
            boost = PortableMath.Log(1 - random.NextDouble()) / alpha;
            alpha += 1;
        }

        double d = alpha - (1.0 / 3);
        double c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double x = random.NextGaussian();
            double root = 1 + (c * x);
            if (root <= 0)
                continue;
            double v = root * root * root;
            double u = 1 - random.NextDouble();
            if (PortableMath.Log(u) < (0.5 * x * x) + (d * (1 - v + PortableMath.Log(v))))
                return PortableMath.Log(d) + PortableMath.Log(v) + boost;
        }
    }
}
