namespace EdgeSplit.Planning.Optimization;

/// <summary>The best shares for given cuts, and the times that follow from given shares.</summary>
internal static class ShareAllocation
{
    /// <summary>How closely prices are searched for where Newton's method does not find them.</summary>
    private const double Tolerance = 1e-15;

    /// <summary>Shares that let these options end together, as early as they can.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="options">Each device's option.</param>
    /// <param name="time">How long it may take.</param>
    public static Allocation Equalise(Problem problem, int[] options, PlanningTime time) =>
        Equalise(problem, Offers.Of(problem, options), options, time, guess: 0, out _);

    /// <summary>Shares that let these offers end together, as early as they can.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="offers">All of its offers.</param>
    /// <param name="choice">Each device's offer.</param>
    /// <param name="time">How long it may take.</param>
    /// <param name="guess">About when they will end, if that is known.</param>
    public static Allocation Equalise(Problem problem, Offers offers, ReadOnlySpan<int> choice, PlanningTime time, double guess = 0) =>
        Equalise(problem, offers, choice, time, guess, out _);

    /// <inheritdoc cref="Equalise(Problem, Offers, ReadOnlySpan{int}, PlanningTime, double)"/>
    /// <param name="problem">The problem.</param>
    /// <param name="offers">All of its offers.</param>
    /// <param name="choice">Each device's offer.</param>
    /// <param name="time">How long it may take.</param>
    /// <param name="guess">About when they will end, if that is known.</param>
    /// <param name="bound">The prices at which the chosen offers cost the most, one for each resource that they need.</param>
    public static Allocation Equalise(
        Problem problem, Offers offers, ReadOnlySpan<int> choice, PlanningTime time, double guess, out PriceBound bound)
    {
        int[] options = offers.OptionsOf(choice);
        Offers only = (offers.IsSingle ? offers.Only(choice) : null) ?? Offers.Of(problem, options);
        return Equalise(problem, only, options, time, guess, out bound);
    }

    private static Allocation Equalise(
        Problem problem, Offers only, int[] options, PlanningTime time, double guess, out PriceBound bound)
    {
        bound = (only.Count > 1 ? new SharePrices(only, time).Run() : null) ?? new PriceSearch(only, Tolerance, time, guess).Run();
        double[]?[] shares = NoShares(problem);
        for (int resource = 0; resource < only.Reserved; resource++)
            shares[only.Resources[resource]] = new double[options.Length];
        TakeShares(problem, only, bound, shares);
        return Timed(problem, options, shares);
    }

    /// <summary>Every device 1/N of every reserved resource, or its cap.</summary>
    public static double[]?[] EqualShares(Problem problem)
    {
        double[]?[] shares = NoShares(problem);
        for (int resource = 0; resource < shares.Length; resource++)
        {
            if (problem.Resources[resource].Sharing != Sharing.Reserved)
                continue;
            double equal = problem.Resources[resource].Capacity / problem.DeviceCount;
            double[] amounts = shares[resource] = new double[problem.DeviceCount];
            for (int device = 0; device < amounts.Length; device++)
                amounts[device] = Math.Min(equal, problem.Cap(device, resource));
        }

        return shares;
    }

    /// <summary>The time of one option at the device's shares.</summary>
    public static double Seconds(Problem problem, int device, int option, double[]?[] shares)
    {
        double seconds = problem.FixedSeconds(option);
        for (int resource = 0; resource < shares.Length; resource++)
        {
            double demand = problem.Demand(option, resource);
            if (demand > 0 && problem.Resources[resource].Sharing == Sharing.Reserved)
                seconds += demand / (shares[resource]?[device] ?? 0);
        }

        return seconds;
    }

    /// <summary>The allocation these options and shares make, with its times from the definition.</summary>
    public static Allocation Timed(Problem problem, int[] options, double[]?[] shares)
    {
        double[] seconds = new double[options.Length];
        double round = 0;
        for (int device = 0; device < options.Length; device++)
        {
            seconds[device] = Seconds(problem, device, options[device], shares);
            round = Math.Max(round, seconds[device]);
        }

        for (int resource = 0; resource < shares.Length; resource++)
        {
            if (problem.Resources[resource].Sharing != Sharing.WorkConserving)
                continue;
            double work = 0;
            foreach (int option in options)
                work += problem.Demand(option, resource);
            round = Math.Max(round, work / problem.Resources[resource].Capacity);
        }

        return new Allocation(options, shares, seconds, round);
    }

    private static double[]?[] NoShares(Problem problem) => new double[]?[problem.Resources.Length];

    private static void TakeShares(Problem problem, Offers offers, PriceBound bound, double[]?[] shares)
    {
        PriceFunction function = new(offers);
        double[] taken = new double[offers.Count];
        function.Price(bound.Prices);
        double[] total = new double[offers.Reserved];
        for (int device = 0; device < offers.DeviceCount; device++)
        {
            if (offers.IsSingle)
                taken[0] = offers.Demand[0][device] > 0 ? offers.Demand[0][device] / (bound.Seconds - offers.Fixed[device]) : 0;
            else if (offers.Count > 0)
                function.Take(bound.Prices, device, device, bound.Seconds, taken);
            for (int resource = 0; resource < offers.Reserved; resource++)
            {
                double share = Math.Min(taken[resource], offers.Cap[resource][device]);
                shares[offers.Resources[resource]]![device] = share;
                total[resource] += share;
            }
        }

        for (int resource = 0; resource < offers.Reserved; resource++)
        {
            int index = offers.Resources[resource];
            double scale = problem.Resources[index].Capacity / Math.Max(1, total[resource]);
            double[] amounts = shares[index]!;
            for (int device = 0; device < amounts.Length; device++)
                amounts[device] = Math.Min(amounts[device] * scale, problem.Cap(device, index));
        }
    }
}
