namespace EdgeSplit.Planning.Optimization;

/// <summary>
/// A problem as the optimizer sees it: only options worth taking, demands in seconds of the whole resource, shares and caps as
/// fractions of it, and only resources that somebody needs: first the <see cref="Reserved"/> ones, then the work-conserving.
/// </summary>
/// <remarks>
/// With one resource a device's options are the lower left hull of its points (demand, fixed seconds), by rising fixed
/// seconds: no other point is ever the best at any share or any round time. With several, the options no other dominates.
/// </remarks>
internal sealed class Offers
{
    private Offers(int devices, int[] resources, int reserved)
    {
        Resources = resources;
        Reserved = reserved;
        First = new int[devices + 1];
    }

    public int DeviceCount => First.Length - 1;

    /// <summary>The problem's index of each resource.</summary>
    public int[] Resources { get; }

    /// <summary>How many resources.</summary>
    public int Count => Resources.Length;

    public int Reserved { get; }

    /// <summary>One resource, and reserved: the round time is the root of one falling function.</summary>
    public bool IsSingle => Count == 1 && Reserved == 1;

    /// <summary>The range of each device's options.</summary>
    public int[] First { get; }

    /// <summary>Fixed seconds per option.</summary>
    public double[] Fixed { get; private set; } = [];

    /// <summary>Demand [resource][option] over the resource's capacity.</summary>
    public double[][] Demand { get; private set; } = [];

    /// <summary>Square roots of <see cref="Demand"/> for the reserved resources, where there are several.</summary>
    public double[][] Root { get; private set; } = [];

    /// <summary>Seconds per option with every cap used in full.</summary>
    public double[] Fastest { get; private set; } = [];

    /// <summary>The problem's option.</summary>
    public int[] Option { get; private set; } = [];

    /// <summary>The device's limit [reserved resource][device] as a fraction of the capacity, at most 1.</summary>
    public double[][] Cap { get; private set; } = [];

    /// <summary>No round is shorter: the slowest device alone, and the least work of a work-conserving resource.</summary>
    public double EarliestRound { get; private set; }

    /// <summary>Every option offered that is worth taking. The problem has no infeasible device.</summary>
    public static Offers Of(Problem problem)
    {
        OfferWriter writer = new(problem);
        Offers offers = Start(problem, writer.Resources, writer.Reserved);
        for (int device = 0; device < problem.DeviceCount; device++)
        {
            writer.AddAll(device);
            writer.EndDevice();
            offers.First[device + 1] = writer.Written;
        }

        offers.Take(writer);
        return offers;
    }

    /// <summary>One given option for each device.</summary>
    public static Offers Of(Problem problem, ReadOnlySpan<int> options)
    {
        OfferWriter writer = new(problem, options);
        Offers offers = Start(problem, writer.Resources, writer.Reserved);
        for (int device = 0; device < options.Length; device++)
        {
            writer.Add(device, options[device]);
            writer.EndDevice();
            offers.First[device + 1] = writer.Written;
        }

        offers.Take(writer);
        return offers;
    }

    /// <summary>The same as if only one offer had been made to each device; null where nobody then needs the resource.</summary>
    /// <remarks>With <see cref="IsSingle"/>.</remarks>
    public Offers? Only(ReadOnlySpan<int> choice)
    {
        Offers only = new(choice.Length, Resources, Reserved)
        {
            Cap = Cap,
            Fixed = new double[choice.Length],
            Demand = [new double[choice.Length]],
            Option = OptionsOf(choice),
        };
        bool isNeeded = false;
        for (int device = 0; device < choice.Length; device++)
        {
            double seconds = only.Fixed[device] = Fixed[choice[device]];
            double amount = only.Demand[0][device] = Demand[0][choice[device]];
            only.First[device + 1] = device + 1;
            only.EarliestRound = Math.Max(only.EarliestRound, amount > 0 ? seconds + (amount / Cap[0][device]) : seconds);
            isNeeded |= amount > 0;
        }

        return isNeeded ? only : null;
    }

    /// <summary>The problem's options of a choice of offers.</summary>
    public int[] OptionsOf(ReadOnlySpan<int> choice)
    {
        int[] options = new int[choice.Length];
        for (int device = 0; device < options.Length; device++)
            options[device] = Option[choice[device]];
        return options;
    }

    private static Offers Start(Problem problem, int[] resources, int reserved)
    {
        Offers offers = new(problem.DeviceCount, resources, reserved) { Cap = new double[reserved][] };
        for (int resource = 0; resource < reserved; resource++)
        {
            double[] limits = offers.Cap[resource] = new double[problem.DeviceCount];
            double capacity = problem.Resources[resources[resource]].Capacity;
            for (int device = 0; device < limits.Length; device++)
                limits[device] = Math.Min(1, problem.Cap(device, resources[resource]) / capacity);
        }

        return offers;
    }

    private void Take(OfferWriter writer)
    {
        Fixed = writer.Fixed;
        Demand = writer.Demand;
        Fastest = writer.Fastest;
        Option = writer.Option;
        EarliestRound = writer.EarliestRound;
        if (!IsSingle)
            Root = [.. Demand.Take(Reserved).Select(demands => Array.ConvertAll(demands, Math.Sqrt))];
    }
}
