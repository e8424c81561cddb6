namespace EdgeSplit.Planning.Optimization;

/// <summary>
/// The prices that divide reserved resources where every device has one offer: there the cost is smooth, and at its greatest no resource
/// is used beyond what there is, so that the shares which cost the least are shares for all.
/// </summary>
/// <remarks>
/// Newton's method on the cost over Σ λ = 1 in steps relative to each price, and at once on 1/D for T, which never passes the root.
/// With p_r = √(λ_r q_r) over the resources no cap decides, S = Σ p and s the seconds they have, a device's second derivatives are
/// (p pᵀ − S diag p) / 2s. A price that Newton would change by more than itself follows its resource's use instead.
/// </remarks>
internal sealed class SharePrices
{
    /// <summary>How far resources may be used beyond what there is; shares are cut by as much.</summary>
    private const double Tolerance = 1e-12;

    /// <summary>The same, once there have been too many steps.</summary>
    private const double LastTolerance = 1e-7;
    private const int MostSteps = 500;
    private const int MostHalvings = 40;

    /// <summary>After so many, prices follow use once: that way the cost always rises.</summary>
    private const int ManyHalvings = 4;
    private const double MostFall = 0.9;
    private const double Fastest = 1e6;

    /// <summary>Second derivatives below this part of the first are none.</summary>
    private const double Flat = 1e-9;
    private const double Damping = 1e-13;
    private const double Rounding = 1e-15;

    private readonly Offers offers;
    private readonly PlanningTime time;
    private readonly PriceFunction function;
    private readonly double[] use;
    private readonly double[] taken;
    private readonly double[] step;
    private readonly double[] pace;
    private readonly int[] ways;
    private readonly double[][] curvature;
    private double[] prices;
    private double slope;

    /// <param name="offers">One for each device, all resources reserved, at least two.</param>
    /// <param name="time">How long it may take; past it, the prices of the last step divide as well as they do.</param>
    public SharePrices(Offers offers, PlanningTime time)
    {
        this.offers = offers;
        this.time = time;
        function = new PriceFunction(offers);
        use = new double[offers.Count];
        taken = new double[offers.Count];
        step = new double[offers.Count];
        pace = [.. Enumerable.Repeat(1.0, offers.Count)];
        ways = new int[offers.Count];
        prices = [.. Enumerable.Repeat(1.0 / offers.Count, offers.Count)];
        curvature = [.. Enumerable.Range(0, offers.Count + 1).Select(_ => new double[offers.Count + 2])];
    }

    /// <summary>When all can end at the earliest and the prices that prove it; null where the steps do not settle.</summary>
    public PriceBound? Run()
    {
        double seconds = offers.EarliestRound;
        double cost = Evaluate(prices, seconds);
        int halvings = 0;
        for (int left = MostSteps; left > 0; left--)
        {
            double later = cost > 1 ? seconds + (cost * (cost - 1) / -slope) : seconds;
            // Where a device has next to no time to spare, neighbouring doubles of T cost more or less than 1, but nothing between.
            double most = later > seconds * (1 + Rounding) ? 1 : Math.Max(cost, 1);
            if (use.Max() <= most + Tolerance || time.IsOver())
                return new PriceBound(seconds, prices);
            double level = Math.Min(cost, 1);
            FindStep(cost, isNewton: halvings < ManyHalvings);
            seconds = later;
            double[] before = prices;
            halvings = 0;
            do
            {
                prices = Moved(before);
                cost = Evaluate(prices, seconds);
                for (int price = 0; price < step.Length; price++)
                    step[price] /= 2;
            }
            while (!(cost >= level * (1 - Tolerance)) && ++halvings < MostHalvings);
            SetPace(halvings > 0);
        }

        return use.Max() <= 1 + LastTolerance ? new PriceBound(seconds, prices) : null;
    }

    /// <summary>The cost, with its derivative by T, the use of each resource, and the relative second derivatives by prices.</summary>
    private double Evaluate(double[] at, double seconds)
    {
        Array.Clear(use);
        foreach (double[] row in curvature)
            Array.Clear(row);
        slope = 0;
        function.Price(at);
        for (int device = 0; device < offers.DeviceCount; device++)
        {
            slope += function.Take(at, device, device, seconds, taken);
            for (int resource = 0; resource < taken.Length; resource++)
                use[resource] += taken[resource];
            AddCurvature(at, device, seconds);
        }

        double cost = 0;
        for (int resource = 0; resource < use.Length; resource++)
            cost += at[resource] * use[resource];
        return cost;
    }

    private void AddCurvature(double[] at, int device, double seconds)
    {
        // Of what a device pays, p S / s is for each resource that no cap decides.
        double slack = seconds - offers.Fixed[device];
        double sum = 0;
        for (int resource = 0; resource < taken.Length; resource++)
        {
            if (IsCapped(device, resource))
                slack -= offers.Demand[resource][device] / taken[resource];
            else
                sum += Math.Sqrt(at[resource]) * offers.Root[resource][device];
        }

        if (!(slack > 0))
            return;
        for (int resource = 0; resource < taken.Length; resource++)
        {
            if (IsCapped(device, resource))
                continue;
            double part = Math.Sqrt(at[resource]) * offers.Root[resource][device] / (2 * slack);
            for (int other = 0; other < taken.Length; other++)
            {
                if (!IsCapped(device, other))
                    curvature[resource][other] += part * Math.Sqrt(at[other]) * offers.Root[other][device];
            }

            curvature[resource][resource] -= part * sum;
        }
    }

    private bool IsCapped(int device, int resource) => taken[resource] >= offers.Cap[resource][device];

    /// <summary>Relative changes of prices u and the multiplier μ: λ_r u_r sum to 0, and λ_r x_r + Σ_s M_rs u_s = μ λ_r.</summary>
    private void FindStep(double cost, bool isNewton)
    {
        int size = use.Length;
        for (int resource = 0; resource < size; resource++)
        {
            double paid = prices[resource] * use[resource];
            double[] row = curvature[resource];
            if (!(row[resource] < -Flat * paid))
            {
                // Nothing bends along this price: its own row says to follow the use.
                Array.Clear(row);
                row[resource] = 1;
                row[size + 1] = Follow(resource, cost);
                continue;
            }

            row[resource] -= Damping * paid;
            row[size] = -prices[resource];
            row[size + 1] = -paid;
        }

        Array.Copy(prices, curvature[size], size);
        bool isSolved = isNewton && LinearSystem.Solve(curvature);
        for (int resource = 0; resource < size; resource++)
        {
            double change = curvature[resource][size + 1];
            step[resource] = isSolved && Math.Abs(change) <= 1 ? Math.Max(change, -MostFall) : Follow(resource, cost);
        }
    }

    /// <summary>The price's relative change by its resource's use, twice as large each time it goes the same way.</summary>
    private double Follow(int resource, double cost)
    {
        double excess = (use[resource] / cost) - 1;
        return Math.Clamp(pace[resource] * excess, -MostFall, 1);
    }

    /// <summary>Hastens prices that go on one way; slows those that turn, and all where a step went too far.</summary>
    private void SetPace(bool isTooFar)
    {
        for (int resource = 0; resource < pace.Length; resource++)
        {
            int way = Math.Sign(step[resource]);
            pace[resource] = isTooFar || way != ways[resource] ? 1 : Math.Min(2 * pace[resource], Fastest);
            ways[resource] = way;
        }
    }

    private double[] Moved(double[] from)
    {
        double[] moved = new double[from.Length];
        double sum = 0;
        for (int price = 0; price < moved.Length; price++)
        {
            moved[price] = from[price] * (1 + step[price]);
            sum += moved[price];
        }

        for (int price = 0; price < moved.Length; price++)
            moved[price] /= sum;
        return moved;
    }
}
