using EdgeSplit.Planning;

namespace EdgeSplit.Tests.Planning;

/// <summary>
/// An optimum by trying every cut vector, in plain code of its own: bisection over T and prices, no hulls, no tables, no Newton.
/// </summary>
internal static class BruteForce
{
    /// <summary>Whether some cut vector ends within <paramref name="seconds"/>, shares and work permitting.</summary>
    public static bool CanEndWithin(RandomProblem problem, double seconds)
    {
        int[] choice = new int[problem.Devices.Count];
        return Any(problem, seconds, choice, 0);
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

    private static bool Any(RandomProblem problem, double seconds, int[] choice, int device)
    {
        if (device == choice.Length)
            return Fits(problem, seconds, choice);
        for (int cut = 0; cut < problem.Devices[device].Cuts.Count; cut++)
        {
            choice[device] = cut;
            if (problem.Devices[device].Cuts[cut].Memory <= problem.Devices[device].Memory
                && Alone(problem, device, cut) <= seconds && Any(problem, seconds, choice, device + 1))
            {
                return true;
            }
        }

        return false;
    }

    private static double Alone(RandomProblem problem, int device, int cut)
    {
        RandomCut chosen = problem.Devices[device].Cuts[cut];
        double seconds = chosen.Seconds;
        for (int resource = 0; resource < problem.Resources.Count; resource++)
        {
            if (chosen.Demand[resource] > 0 && problem.Resources[resource].Sharing == Sharing.Reserved)
                seconds += chosen.Demand[resource] / Cap(problem, device, resource);
        }

        return seconds;
    }

    private static double Cap(RandomProblem problem, int device, int resource) =>
        Math.Min(problem.Resources[resource].Capacity, problem.Devices[device].Caps[resource]);

    private static bool Fits(RandomProblem problem, double seconds, int[] choice)
    {
        int[] reserved = [.. Enumerable.Range(0, problem.Resources.Count).Where(r => problem.Resources[r].Sharing == Sharing.Reserved)];
        for (int resource = 0; resource < problem.Resources.Count; resource++)
        {
            double work = choice.Select((cut, device) => problem.Devices[device].Cuts[cut].Demand[resource]).Sum();
            if (!reserved.Contains(resource) && work > problem.Resources[resource].Capacity * seconds)
                return false;
        }

        return !Exceeds(problem, seconds, choice, reserved, new double[reserved.Length], 0, 1);
    }

    /// <summary>Whether prices exist, the first <paramref name="set"/> given, at which the cut vector costs more than there is.</summary>
    private static bool Exceeds(RandomProblem problem, double seconds, int[] choice, int[] reserved, double[] prices, int set, double left) =>
        Greatest(problem, seconds, choice, reserved, prices, set, left) > 1 + 1e-12;

    private static double Greatest(RandomProblem problem, double seconds, int[] choice, int[] reserved, double[] prices, int set, double left)
    {
        if (reserved.Length == 0)
            return 0;
        if (set == reserved.Length - 1)
        {
            prices[set] = left;
            return choice.Select((cut, device) => Cost(problem, seconds, device, cut, reserved, prices)).Sum();
        }

        double low = 0;
        double high = left;
        double best = 0;
        for (int step = 0; step < (reserved.Length == 2 ? 90 : 45); step++)
        {
            double one = low + ((high - low) * 0.45);
            double two = low + ((high - low) * 0.55);
            double first = At(one);
            double second = At(two);
            best = Math.Max(best, Math.Max(first, second));
            if (best > 1 + 1e-12)
                return best;
            if (first < second)
                low = one;
            else
                high = two;
        }

        return best;

        double At(double price)
        {
            prices[set] = price;
            return Greatest(problem, seconds, choice, reserved, prices, set + 1, left - price);
        }
    }

    /// <summary>The cheapest shares (as fractions) that end in time: x_r = min(cap, √(ν q_r / λ_r)), ν by bisection.</summary>
    private static double Cost(RandomProblem problem, double seconds, int device, int cut, int[] reserved, double[] prices)
    {
        RandomCut chosen = problem.Devices[device].Cuts[cut];
        double slack = seconds - chosen.Seconds;
        if (reserved.All(resource => chosen.Demand[resource] == 0))
            return 0;
        if (reserved.Length == 1)
            return chosen.Demand[reserved[0]] / problem.Resources[reserved[0]].Capacity / slack;
        double low = -40;
        double high = 40;
        for (int step = 0; step < 60; step++)
        {
            double middle = (low + high) / 2;
            if (Time(Math.Exp(middle)) > slack)
                low = middle;
            else
                high = middle;
        }

        double cost = 0;
        for (int index = 0; index < reserved.Length; index++)
            cost += prices[index] * Share(index, Math.Exp(high));
        return cost;

        double Share(int index, double multiplier)
        {
            double capacity = problem.Resources[reserved[index]].Capacity;
            double demand = chosen.Demand[reserved[index]] / capacity;
            return demand == 0 ? 0 : Math.Min(Cap(problem, device, reserved[index]) / capacity, Math.Sqrt(multiplier * demand / prices[index]));
        }

        double Time(double multiplier)
        {
            double time = 0;
            for (int index = 0; index < reserved.Length; index++)
            {
                double demand = chosen.Demand[reserved[index]] / problem.Resources[reserved[index]].Capacity;
                time += demand == 0 ? 0 : demand / Share(index, multiplier);
            }

            return time;
        }
    }
}
