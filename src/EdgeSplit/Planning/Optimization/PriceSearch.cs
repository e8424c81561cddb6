using EdgeSplit.Numerics;

namespace EdgeSplit.Planning.Optimization;

/// <summary>Prices and the round time that no plan can beat, as they prove.</summary>
/// <param name="Seconds">The lower bound.</param>
/// <param name="Prices">λ per resource of the offers, Σ = 1.</param>
internal sealed record PriceBound(double Seconds, double[] Prices);

/// <summary>
/// The greatest T that prices prove too short: from T, the prices that cost the most there; from those prices, the T where the
/// cost is 1; and again, until T stays (Dinkelbach 1967). For fixed cuts it is the shortest round itself.
/// </summary>
/// <remarks>
/// For fixed T the cost is concave in λ, so it is searched one price after another, nested, by the sign of a supergradient; at
/// a kink the two sides' supergradients are mixed so that the inner ones vanish. A level divides what the levels above leave
/// between its own price and those below, as e^z : 1. Exact for the few prices that problems have; time grows exponentially
/// with their number.
/// </remarks>
internal sealed class PriceSearch
{
    private const double Widest = 69;
    private const int Turns = 60;

    private readonly PriceFunction function;
    private readonly double tolerance;
    private readonly double[] logOdds;
    private readonly double[] prices;
    private double seconds;

    /// <param name="offers">What devices may take.</param>
    /// <param name="tolerance">How closely z is bracketed.</param>
    public PriceSearch(Offers offers, double tolerance)
    {
        function = new PriceFunction(offers);
        this.tolerance = tolerance;
        logOdds = new double[offers.Count];
        prices = new double[offers.Count];
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

        function.Evaluate(bound.Prices, bound.Seconds * (1 + 1e-14), new double[prices.Length], out _, choice);
        return choice;
    }

    /// <param name="enough">A round time beyond which no greater bound is of use.</param>
    public PriceBound Run(double enough = double.PositiveInfinity)
    {
        seconds = function.Offers.EarliestRound;
        double[] best = [.. Enumerable.Repeat(1.0 / Math.Max(1, prices.Length), prices.Length)];
        if (prices.Length == 0)
            return new PriceBound(seconds, []);
        for (int turn = 0; turn < Turns && seconds < enough; turn++)
        {
            Probe dearest = Search(prices.Length - 1);
            if (turn == 0 || dearest.Cost > 1)
                best = dearest.Prices;
            if (!(dearest.Cost > 1))
                break;
            double later = Root(dearest.Prices);
            if (!(later > seconds))
                break;
            bool isDone = later - seconds <= tolerance * later || prices.Length == 1;
            seconds = later;
            if (isDone)
                break;
        }

        return new PriceBound(seconds, best);
    }

    /// <summary>The T ≥ the present one where the cost at these prices is 1; where it jumps past 1, the last T before.</summary>
    /// <remarks>
    /// Newton's method on 1/D, which for fixed options is concave and nearly straight, within a bracket. From above it lands
    /// below the root; between doubles the steps end where the bracket closes.
    /// </remarks>
    private double Root(double[] at)
    {
        double[] use = new double[at.Length];
        double low = seconds;
        double high = double.PositiveInfinity;
        double now = seconds;
        for (int step = 0; step < 200; step++)
        {
            double cost = function.Evaluate(at, now, use, out double slope);
            if (cost >= 1)
                low = now;
            else
                high = now;
            if (cost == 1)
                return now;
            double next = now + (cost * (cost - 1) / -slope);
            if (!(next > low && next < high))
            {
                if (Math.Abs(next - now) <= 1e-15 * now)
                    return now;
                next = double.IsFinite(high) ? low + ((high - low) / 2) : 2 * low;
            }

            if (next <= low || next >= high)
                break;
            now = next;
        }

        return low;
    }

    /// <summary>The dearest prices at the present T, over prices 0..level with those above fixed.</summary>
    private Probe Search(int level)
    {
        if (level == 0)
            return Evaluate();
        double low = -Widest;
        double high = Widest;
        double stride = 0.5;
        Probe? below = null;
        Probe? above = null;
        for (int turn = 0; turn < 250; turn++)
        {
            Probe probe = Search(level - 1);
            double excess = Excess(probe, level);
            if (Math.Abs(excess - 1) < 1e-15 || !double.IsFinite(excess))
                return probe;
            double width = high - low;
            if (excess > 1)
                (low, below) = (logOdds[level], probe);
            else
                (high, above) = (logOdds[level], probe);
            if (high - low <= tolerance)
                break;
            double next = low + ((high - low) / 2);
            if (below is null || above is null)
            {
                // One side only: stride out from where the last search ended.
                double out1 = below is null ? high - stride : low + stride;
                stride *= 4;
                next = out1 > low && out1 < high ? out1 : next;
            }
            else if (high - low < 0.5 * width || turn % 3 == 0)
            {
                double secant = excess > 0 ? Secant(low, below, high, above, level) : next;
                if (secant > low && secant < high)
                    next = secant;
            }

            if (next <= low || next >= high)
                break;
            logOdds[level] = next;
        }

        return Mixed(below, above, level);
    }

    private static double Secant(double low, Probe below, double high, Probe above, int level)
    {
        double left = PortableMath.Log(Excess(below, level));
        double right = PortableMath.Log(Excess(above, level));
        return low + ((high - low) * left / (left - right));
    }

    private static Probe Mixed(Probe? below, Probe? above, int level)
    {
        if (below is null || above is null)
            return (below ?? above)!;
        Probe dearer = below.Cost >= above.Cost ? below : above;
        double over = below.Use[level] - Below(below, level);
        double under = Below(above, level) - above.Use[level];
        double weight = over + under > 0 ? under / (over + under) : 0.5;
        double[] use = new double[dearer.Use.Length];
        for (int resource = 0; resource < use.Length; resource++)
            use[resource] = (weight * below.Use[resource]) + ((1 - weight) * above.Use[resource]);
        return dearer with { Use = use };
    }

    /// <summary>The use of a level's resource over the mean use of those below it, weighted by price: 1 at the dearest price.</summary>
    private static double Excess(Probe probe, int level) => probe.Use[level] / Below(probe, level);

    private static double Below(Probe probe, int level)
    {
        double use = 0;
        double weight = 0;
        for (int resource = 0; resource < level; resource++)
        {
            use += probe.Prices[resource] * probe.Use[resource];
            weight += probe.Prices[resource];
        }

        return use / weight;
    }

    private Probe Evaluate()
    {
        double left = 1;
        for (int resource = prices.Length - 1; resource > 0; resource--)
        {
            double odds = PortableMath.Exp(logOdds[resource]);
            prices[resource] = left * (odds / (1 + odds));
            left /= 1 + odds;
        }

        prices[0] = left;
        double[] use = new double[prices.Length];
        double cost = function.Evaluate(prices, seconds, use, out _);
        return new Probe(cost, use, [.. prices]);
    }

    private sealed record Probe(double Cost, double[] Use, double[] Prices);
}
