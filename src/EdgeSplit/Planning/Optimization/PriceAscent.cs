namespace EdgeSplit.Planning.Optimization;

/// <summary>
/// Prices of many resources, climbing: each follows its resource's use, λ_r ← λ_r exp(η (u_r / D − 1)), which is mirror ascent on the
/// simplex (Beck and Teboulle 2003). A stage keeps its pace η; one that gains nothing is repeated from the best prices at half of it.
/// </summary>
/// <remarks>
/// A step costs one look at every price, where the ellipsoid of a <see cref="PriceRegion"/> costs as many as the square of their number
/// and needs as many more steps; but it ends near the best bound, not at it. Any prices prove theirs.
/// </remarks>
internal sealed class PriceAscent
{
    private const int StepsPerStage = 40;
    private const double FirstPace = 1;
    private const double LastPace = 1e-6;

    /// <summary>The most that a price changes at once, as a power of e.</summary>
    private const double MostChange = 1;

    /// <summary>No price falls to nothing, from where none returns.</summary>
    private const double Least = 1e-30;

    private readonly double[] prices;
    private readonly double[] best;
    private readonly double[] mean;
    private double pace = FirstPace;
    private int step;
    private bool hasGained;

    /// <param name="count">How many prices.</param>
    public PriceAscent(int count)
    {
        prices = [.. Enumerable.Repeat(1.0 / count, count)];
        best = [.. prices];
        mean = new double[count];
    }

    /// <summary>The prices to try next; all are positive.</summary>
    public ReadOnlySpan<double> Prices => prices;

    /// <summary>Goes on from what was tried; false where there is no more to gain.</summary>
    /// <param name="use">The use of each resource at these prices.</param>
    /// <param name="cost">What they cost in all.</param>
    /// <param name="isBest">Whether no prices before cost as much.</param>
    /// <param name="tolerance">How much more, relative, other prices may still cost at the end.</param>
    public bool Climb(ReadOnlySpan<double> use, double cost, bool isBest, double tolerance)
    {
        double greatest = 0;
        foreach (double amount in use)
            greatest = Math.Max(greatest, amount);
        if (isBest && greatest <= cost * (1 + tolerance))
            return false;
        if (isBest)
        {
            prices.CopyTo(best, 0);
            hasGained = true;
        }

        step++;
        if (step <= StepsPerStage)
        {
            for (int price = 0; price < prices.Length; price++)
                mean[price] += prices[price] / StepsPerStage;
        }

        if (step < StepsPerStage)
        {
            Follow(use, cost);
            return true;
        }

        if (step == StepsPerStage)
        {
            mean.CopyTo(prices, 0);
            return true;
        }

        return BeginStage();
    }

    private void Follow(ReadOnlySpan<double> use, double cost)
    {
        double sum = 0;
        for (int price = 0; price < prices.Length; price++)
        {
            double change = Math.Clamp(pace * ((use[price] / cost) - 1), -MostChange, MostChange);
            prices[price] = Math.Max(prices[price] * Math.Exp(change), Least);
            sum += prices[price];
        }

        for (int price = 0; price < prices.Length; price++)
            prices[price] = Math.Max(prices[price] / sum, Least);
    }

    private bool BeginStage()
    {
        if (!hasGained)
            pace /= 2;
        step = 0;
        hasGained = false;
        Array.Clear(mean);
        best.CopyTo(prices, 0);
        return pace >= LastPace;
    }
}
