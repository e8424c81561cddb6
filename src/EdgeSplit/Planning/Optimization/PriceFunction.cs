using System.Runtime.CompilerServices;

namespace EdgeSplit.Planning.Optimization;

/// <summary>
/// What a round of T seconds would cost at prices λ, if every device took its cheapest option and shares:
/// D(λ; T) = Σ_i min_c (Σ_r √(λ_r q_ir))² / (T − a_i(c)), with caps in force, plus λ_w q_iw / T for a work-conserving resource
/// w. Σ λ = 1 buys all there is, so D &gt; 1 proves that no plan ends within T. D falls with T and is concave in λ.
/// </summary>
internal sealed class PriceFunction(Offers offers)
{
    /// <summary>Rounding left to an option whose fastest time is the round time itself.</summary>
    private const double Rounding = 1e-14;

    private readonly double[] root = new double[offers.Reserved];
    private readonly double[] shares = new double[offers.Count];

    public Offers Offers => offers;

    /// <summary>The cost D, its derivative by T, the use of each resource (a supergradient of D), and what each device takes.</summary>
    /// <param name="prices">One per resource of the offers.</param>
    /// <param name="seconds">T, at least <see cref="Offers.EarliestRound"/>.</param>
    /// <param name="use">Σ of shares per resource.</param>
    /// <param name="slope">dD/dT, at most 0.</param>
    /// <param name="choice">Filled with each device's offer, where not empty.</param>
    public double Evaluate(ReadOnlySpan<double> prices, double seconds, Span<double> use, out double slope, Span<int> choice = default)
    {
        if (offers.IsSingle)
            return EvaluateSingle(seconds, use, out slope, choice);
        Price(prices);
        use.Clear();
        slope = 0;
        double total = 0;
        for (int device = 0; device < offers.DeviceCount; device++)
        {
            int best = -1;
            double least = double.PositiveInfinity;
            for (int offer = offers.First[device]; offer < offers.First[device + 1]; offer++)
            {
                double cost = Cost(prices, device, offer, seconds, least);
                if (cost < least)
                {
                    least = cost;
                    best = offer;
                }
            }

            if (best < 0)
                return double.PositiveInfinity;
            total += least;
            slope += Take(prices, device, best, seconds, shares);
            for (int resource = 0; resource < shares.Length; resource++)
                use[resource] += shares[resource];
            if (!choice.IsEmpty)
                choice[device] = best;
        }

        return total;
    }

    /// <summary>The cost of one offer at given prices; infinite where it cannot end in time.</summary>
    public double CostOf(ReadOnlySpan<double> prices, int device, int offer, double seconds)
    {
        Price(prices);
        return Cost(prices, device, offer, seconds, double.PositiveInfinity);
    }

    /// <summary>Sets the prices that <see cref="Take"/> takes shares at.</summary>
    public void Price(ReadOnlySpan<double> prices)
    {
        for (int resource = 0; resource < root.Length; resource++)
            root[resource] = Math.Sqrt(prices[resource]);
    }

    /// <summary>The shares an offer takes at the prices last set or evaluated; returns the derivative of its cost by T.</summary>
    public double Take(ReadOnlySpan<double> prices, int device, int offer, double seconds, Span<double> taken)
    {
        double slope = 0;
        for (int resource = offers.Reserved; resource < taken.Length; resource++)
        {
            double work = offers.Demand[resource][offer];
            taken[resource] = work > 0 ? work / seconds : 0;
            if (work > 0)
                slope -= prices[resource] * work / (seconds * seconds);
        }

        double slack = seconds - offers.Fixed[offer];
        taken[..offers.Reserved].Fill(-1);
        while (true)
        {
            double sum = 0;
            for (int resource = 0; resource < root.Length; resource++)
                sum += taken[resource] < 0 ? root[resource] * offers.Root[resource][offer] : 0;
            bool isCapped = false;
            for (int resource = 0; resource < root.Length; resource++)
            {
                double cap = offers.Cap[resource][device];
                if (taken[resource] < 0 && offers.Root[resource][offer] > 0
                    && !(offers.Root[resource][offer] * sum <= cap * root[resource] * slack))
                {
                    taken[resource] = cap;
                    slack -= offers.Demand[resource][offer] / cap;
                    isCapped = true;
                    break;
                }
            }

            if (isCapped)
                continue;
            for (int resource = 0; resource < root.Length; resource++)
            {
                if (taken[resource] < 0)
                    taken[resource] = offers.Root[resource][offer] > 0 ? offers.Root[resource][offer] * sum / (root[resource] * slack) : 0;
            }

            return slope - (sum > 0 ? sum * sum / (slack * slack) : DearestCap(prices, device, offer));
        }
    }

    /// <summary>What a second more saves where every cap is used in full: that of the share given back first, λ_r x_r² / q_r.</summary>
    private double DearestCap(ReadOnlySpan<double> prices, int device, int offer)
    {
        double dearest = 0;
        for (int resource = 0; resource < root.Length; resource++)
        {
            double cap = offers.Cap[resource][device];
            if (offers.Demand[resource][offer] > 0)
                dearest = Math.Max(dearest, prices[resource] * cap * cap / offers.Demand[resource][offer]);
        }

        return dearest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private double Cost(ReadOnlySpan<double> prices, int device, int offer, double seconds, double least)
    {
        if (offers.Fastest[offer] > seconds * (1 + Rounding))
            return double.PositiveInfinity;
        double sum = 0;
        for (int resource = 0; resource < root.Length; resource++)
            sum += root[resource] * offers.Root[resource][offer];
        double slack = seconds - offers.Fixed[offer];
        double cost = sum > 0 ? slack > 0 ? sum * sum / slack : double.PositiveInfinity : 0;
        for (int resource = root.Length; resource < prices.Length; resource++)
        {
            double work = offers.Demand[resource][offer];
            cost += work > 0 ? prices[resource] * work / seconds : 0;
        }

        // Caps only make it dearer: what is not the best without them is not with them.
        if (!(cost < least) && slack > 0)
            return cost;
        for (int resource = 0; resource < root.Length; resource++)
        {
            if (offers.Root[resource][offer] * sum > offers.Cap[resource][device] * root[resource] * slack)
                return CappedCost(prices, device, offer, seconds);
        }

        return cost;
    }

    private double CappedCost(ReadOnlySpan<double> prices, int device, int offer, double seconds)
    {
        Span<double> taken = shares;
        Take(prices, device, offer, seconds, taken);
        double cost = 0;
        for (int resource = 0; resource < taken.Length; resource++)
            cost += prices[resource] * taken[resource];
        return cost;
    }

    /// <summary>One reserved resource: Σ_i min_c v_i(c) / (T − a_i(c)); along the hull the quotient falls, then rises.</summary>
    private double EvaluateSingle(double seconds, Span<double> use, out double slope, Span<int> choice)
    {
        double[] fixedSeconds = offers.Fixed;
        double[] demand = offers.Demand[0];
        int[] first = offers.First;
        double total = 0;
        double falling = 0;
        for (int device = 0; device < first.Length - 1; device++)
        {
            int best = first[device];
            double slack = seconds - fixedSeconds[best];
            double least = demand[best] > 0 ? demand[best] / slack : 0;
            for (int offer = best + 1; offer < first[device + 1]; offer++)
            {
                double less = seconds - fixedSeconds[offer];
                double share = demand[offer] > 0 ? demand[offer] / less : 0;
                if (!(less >= 0 && share < least))
                    break;
                best = offer;
                least = share;
                slack = less;
            }

            total += least;
            if (least > 0)
                falling += least / slack;
            if (!choice.IsEmpty)
                choice[device] = best;
        }

        use[0] = total;
        slope = -falling;
        return total;
    }
}
