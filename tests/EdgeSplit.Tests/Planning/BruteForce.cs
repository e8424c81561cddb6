using EdgeSplit.Planning;

namespace EdgeSplit.Tests.Planning;

/// <summary>
/// Whether any cut vector ends within a time, by trying every one, in plain code of its own: golden sections over prices, no hulls, no
/// ellipsoids, no Newton. What refuses one cut vector is kept as a row of charges, and refuses others before they are complete.
/// </summary>
internal sealed class BruteForce
{
    private const double Rounding = 1e-12;

    private readonly RandomProblem problem;
    private readonly double seconds;
    private readonly int[] reserved;
    private readonly List<int>[] cuts;
    private readonly List<Row> rows = [];

    private BruteForce(RandomProblem problem, double seconds)
    {
        this.problem = problem;
        this.seconds = seconds;
        reserved = [.. Enumerable.Range(0, problem.Resources.Count).Where(r => problem.Resources[r].Sharing == Sharing.Reserved)];
        cuts = [.. Enumerable.Range(0, problem.Devices.Count).Select(device =>
            Enumerable.Range(0, problem.Devices[device].Cuts.Count).Where(cut => CanEndAlone(device, cut)).ToList())];
        for (int resource = 0; resource < problem.Resources.Count; resource++)
        {
            if (problem.Resources[resource].Sharing == Sharing.WorkConserving)
                rows.Add(RowOf((device, cut) => Demand(device, cut, resource) / seconds));
        }
    }

    /// <summary>Whether some cut vector ends within <paramref name="seconds"/>, shares and work permitting.</summary>
    public static bool CanEndWithin(RandomProblem problem, double seconds)
    {
        BruteForce search = new(problem, seconds);
        return search.Any(new int[problem.Devices.Count], 0);
    }

    /// <summary>The shortest round with one reserved resource, by bisection for every cut vector at once.</summary>
    public static double SingleOptimum(RandomProblem problem)
    {
        double low = 0;
        double high = 1;
        while (!CanEndWithin(problem, high))
            high *= 2;
        for (int step = 0; step < 60; step++)
        {
            double middle = (low + high) / 2;
            if (CanEndWithin(problem, middle))
                high = middle;
            else
                low = middle;
        }

        return high;
    }

    private bool Any(int[] choice, int device)
    {
        if (device == choice.Length)
            return Ends(choice);
        foreach (int cut in cuts[device])
        {
            choice[device] = cut;
            if (!rows.Exists(row => row.Least(choice, device) > 1 + Rounding) && Any(choice, device + 1))
                return true;
        }

        return false;
    }

    private bool Ends(int[] choice)
    {
        if (reserved.Length == 0 || !(Dearest(choice, new double[reserved.Length], 0, 1) is { } prices))
            return true;
        rows.Add(RowOf((device, cut) => Cost(device, cut, prices)));
        return false;
    }

    /// <summary>Prices, the first <paramref name="set"/> given, at which the cut vector costs more than there is; null for none.</summary>
    private double[]? Dearest(int[] choice, double[] prices, int set, double left)
    {
        double greatest = 0;
        Greatest(choice, prices, set, left, ref greatest);
        return greatest > 1 + Rounding ? prices : null;
    }

    private double Greatest(int[] choice, double[] prices, int set, double left, ref double greatest)
    {
        if (set == reserved.Length - 1)
        {
            prices[set] = left;
            double cost = choice.Select((cut, device) => Cost(device, cut, prices)).Sum();
            greatest = Math.Max(greatest, cost);
            return cost;
        }

        const double Golden = 0.6180339887498949;
        double low = 0;
        double high = left;
        double one = high - (Golden * (high - low));
        double two = low + (Golden * (high - low));
        double first = At(one, ref greatest);
        double second = greatest > 1 + Rounding ? 0 : At(two, ref greatest);
        double best = Math.Max(first, second);
        for (int step = 0; step < 44 && !(greatest > 1 + Rounding); step++)
        {
            if (first < second)
            {
                (low, one, first) = (one, two, second);
                two = low + (Golden * (high - low));
                second = At(two, ref greatest);
            }
            else
            {
                (high, two, second) = (two, one, first);
                one = high - (Golden * (high - low));
                first = At(one, ref greatest);
            }

            best = Math.Max(best, Math.Max(first, second));
        }

        return best;

        double At(double price, ref double greatest)
        {
            prices[set] = price;
            return Greatest(choice, prices, set + 1, left - price, ref greatest);
        }
    }

    /// <summary>The cheapest shares (as fractions) that end in time: x_r = min(cap, √(ν q_r / λ_r)), ν by bisection where caps bind.</summary>
    private double Cost(int device, int cut, double[] prices)
    {
        double slack = seconds - problem.Devices[device].Cuts[cut].Seconds;
        double sum = 0;
        for (int index = 0; index < reserved.Length; index++)
            sum += Math.Sqrt(prices[index] * Demand(device, cut, reserved[index]));
        if (sum == 0)
            return 0;
        double low = sum / slack;
        if (IsWithinCaps(low))
            return sum * sum / slack;
        double high = 2 * low;
        while (Time(high) > slack && high < 1e30)
            high *= 2;
        for (int step = 0; step < 60; step++)
        {
            double middle = (low + high) / 2;
            if (Time(middle) > slack)
                low = middle;
            else
                high = middle;
        }

        double cost = 0;
        for (int index = 0; index < reserved.Length; index++)
            cost += prices[index] * Share(index, high);
        return cost;

        bool IsWithinCaps(double root)
        {
            bool isWithin = true;
            for (int index = 0; index < reserved.Length; index++)
                isWithin &= root * Math.Sqrt(Demand(device, cut, reserved[index])) <= Cap(device, reserved[index]) * Math.Sqrt(prices[index]);
            return isWithin;
        }

        double Share(int index, double root)
        {
            double demand = Demand(device, cut, reserved[index]);
            return demand == 0 ? 0 : Math.Min(Cap(device, reserved[index]), root * Math.Sqrt(demand / prices[index]));
        }

        double Time(double root)
        {
            double time = 0;
            for (int index = 0; index < reserved.Length; index++)
            {
                double demand = Demand(device, cut, reserved[index]);
                time += demand == 0 ? 0 : demand / Share(index, root);
            }

            return time;
        }
    }

    private bool CanEndAlone(int device, int cut)
    {
        RandomCut chosen = problem.Devices[device].Cuts[cut];
        double alone = chosen.Seconds;
        foreach (int resource in reserved)
            alone += chosen.Demand[resource] == 0 ? 0 : Demand(device, cut, resource) / Cap(device, resource);
        return chosen.Memory <= problem.Devices[device].Memory && alone <= seconds;
    }

    /// <summary>Seconds of the whole resource.</summary>
    private double Demand(int device, int cut, int resource) => problem.Devices[device].Cuts[cut].Demand[resource] / problem.Resources[resource].Capacity;

    private double Cap(int device, int resource) => Math.Min(1, problem.Devices[device].Caps[resource] / problem.Resources[resource].Capacity);

    private Row RowOf(Func<int, int, double> charge)
    {
        double[][] charges = [.. problem.Devices.Select((device, index) =>
            device.Cuts.Select((_, cut) => cuts[index].Contains(cut) ? charge(index, cut) : double.PositiveInfinity).ToArray())];
        double[] rest = new double[charges.Length + 1];
        for (int device = charges.Length - 1; device >= 0; device--)
            rest[device] = rest[device + 1] + charges[device].Min();
        return new Row(charges, rest);
    }

    /// <summary>What every cut is charged; a sum above 1 refuses.</summary>
    private sealed record Row(double[][] Charges, double[] Rest)
    {
        /// <summary>The least sum with the cuts of the devices up to this one.</summary>
        public double Least(int[] choice, int device)
        {
            double sum = Rest[device + 1];
            for (int chosen = 0; chosen <= device; chosen++)
                sum += Charges[chosen][choice[chosen]];
            return sum;
        }
    }
}
