namespace EdgeSplit.Planning.Optimization;

/// <summary>Prices and the round time that no plan can beat, as they prove.</summary>
/// <param name="Seconds">The lower bound.</param>
/// <param name="Prices">λ per resource of the offers, Σ = 1.</param>
internal sealed record PriceBound(double Seconds, double[] Prices);

/// <summary>
/// The greatest T that prices prove too short. Of a region of prices the centre is tried: where it costs more than 1 at T, T rises
/// until it costs 1 (Dinkelbach 1967); either way its supergradient tells which prices cannot do better, now or at any later T.
/// </summary>
/// <remarks>
/// A region shrinks by a constant factor with every evaluation, so their number grows with the square of the number of resources,
/// and a fleet costs as much per device however large it is. The search ends once no prices cost more than 1 + tolerance at T.
/// </remarks>
internal sealed class PriceSearch
{
    /// <summary>Far more than any accuracy in doubles asks for, per price and price.</summary>
    private const int MostEvaluations = 400;

    /// <summary>Seconds to try where not even 0 is ruled out by the devices alone.</summary>
    private const double Soonest = 1e-30;

    /// <summary>With more resources than this their prices climb: a region would take minutes.</summary>
    internal const int MostInRegion = 24;
    private const int MostSteps = 20_000;

    private readonly PriceFunction function;
    private readonly double tolerance;
    private readonly double[] use;
    private readonly double guess;
    private readonly PlanningTime time;
    private readonly double part;
    private double seconds;

    /// <param name="offers">What devices may take.</param>
    /// <param name="tolerance">How much more than all there is the dearest prices may still cost at the end.</param>
    /// <param name="time">How long it may take.</param>
    /// <param name="guess">About the T that will be found, where it is known: it is tried first.</param>
    /// <param name="part">The part of that time by which it ends.</param>
    public PriceSearch(Offers offers, double tolerance, PlanningTime time, double guess = 0, double part = 1)
    {
        this.time = time;
        this.part = part;
        function = new PriceFunction(offers);
        this.tolerance = tolerance;
        // With several resources other prices are tried first, and T is not theirs to begin with.
        this.guess = offers.Count == 1 ? guess : 0;
        use = new double[offers.Count];
    }

    /// <summary>The cheapest offers at the bound's prices and just after its round time: an offer without demand may start there.</summary>
    public int[] CheapestAt(PriceBound bound)
    {
        int[] choice = new int[function.Offers.DeviceCount];
        if (bound.Prices.Length == 0)
        {
            for (int device = 0; device < choice.Length; device++)
                choice[device] = function.Offers.First[device];
            return choice;
        }

        function.Evaluate(bound.Prices, bound.Seconds * (1 + 1e-14), use, out _, choice);
        return choice;
    }

    /// <summary>With more resources than this their prices climb.</summary>
    public int LargestRegion { get; init; } = MostInRegion;

    public PriceBound Run()
    {
        seconds = function.Offers.EarliestRound;
        double[] best = [.. Enumerable.Repeat(1.0 / Math.Max(1, use.Length), use.Length)];
        if (use.Length == 0)
            return new PriceBound(seconds, best);
        double level = 0;
        if (use.Length == 1)
        {
            Raise(best, ref level);
            return new PriceBound(seconds, best);
        }

        best = use.Length > LargestRegion ? Climb(level) : Narrow(level);
        return new PriceBound(seconds, best);
    }

    /// <summary>The best prices by a region that narrows.</summary>
    private double[] Narrow(double level)
    {
        PriceRegion region = new(use.Length);
        double[] best = region.Centre.ToArray();
        for (int left = MostEvaluations * use.Length; left > 0; left--)
        {
            if (Raise(region.Centre, ref level))
                best = region.Centre.ToArray();
            double most = Value(use, region.Centre) + region.Reach(use);
            if (most - level <= tolerance * level || time.IsOver(part) || !region.Cut(use, level))
                break;
        }

        return best;
    }

    /// <summary>Good prices of many resources.</summary>
    private double[] Climb(double level)
    {
        PriceAscent ascent = new(use.Length);
        double[] best = ascent.Prices.ToArray();
        for (int left = MostSteps; left > 0; left--)
        {
            bool isBest = Raise(ascent.Prices, ref level);
            if (isBest)
                best = ascent.Prices.ToArray();
            if (!ascent.Climb(use, Value(use, ascent.Prices), isBest, tolerance) || time.IsOver(part))
                break;
        }

        return best;
    }

    /// <summary>Tries prices: where they cost more than the level, it rises to that, and T with it once it is 1.</summary>
    private bool Raise(ReadOnlySpan<double> at, ref double level)
    {
        double cost = function.Evaluate(at, seconds, use, out double slope);
        if (!(cost > level))
            return false;
        if (cost > 1)
            (seconds, cost) = Root(at, cost, slope);
        level = Math.Max(level, Math.Min(cost, 1));
        return true;
    }

    private static double Value(ReadOnlySpan<double> use, ReadOnlySpan<double> prices)
    {
        double value = 0;
        for (int price = 0; price < prices.Length; price++)
            value += use[price] * prices[price];
        return value;
    }

    /// <summary>The T ≥ the present one where the cost at these prices is 1, or jumps past 1.</summary>
    /// <remarks>
    /// Newton's method on 1/D, which for fixed options is concave and nearly straight, within a bracket. From above it lands
    /// below the root; between doubles the steps end where the bracket closes.
    /// </remarks>
    private (double Seconds, double Cost) Root(ReadOnlySpan<double> at, double cost, double slope)
    {
        double low = seconds;
        double high = double.PositiveInfinity;
        double now = seconds;
        for (int step = 0; step < 200; step++)
        {
            if (cost >= 1)
                low = now;
            else
                high = now;
            double next = step == 0 && guess > now ? guess : now + (cost * (cost - 1) / -slope);
            if (cost == 1 || Math.Abs(next - now) <= 1e-15 * now)
                break;
            if (!(next > low && next < high))
                next = double.IsFinite(high) ? low + ((high - low) / 2) : Math.Max(2 * low, Soonest);
            if (next <= low || next >= high)
                return (high, 1);
            now = next;
            cost = function.Evaluate(at, now, use, out slope);
        }

        return (now, cost);
    }
}
