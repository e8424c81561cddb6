namespace EdgeSplit.Planning.Optimization;

/// <summary>Gathers one device's options after another and keeps those worth taking.</summary>
internal sealed class OfferWriter
{
    private readonly Problem problem;
    private readonly double[] inverseCapacity;
    private readonly bool isSingle;
    private readonly int[] workConserving;
    private readonly double[] leastWork;
    private Candidate[] candidates = new Candidate[32];
    private int gathered;
    private double slowestDevice;
    private int devicesDone;

    /// <param name="problem">The problem.</param>
    /// <param name="chosen">One option per device, to which work-conserving resources only set the earliest round; all where empty.</param>
    public OfferWriter(Problem problem, ReadOnlySpan<int> chosen = default)
    {
        this.problem = problem;
        List<int> reserved = [];
        List<int> conserving = [];
        for (int resource = 0; resource < problem.Resources.Length; resource++)
        {
            if (IsNeeded(problem, resource, chosen))
                (problem.Resources[resource].Sharing == Sharing.Reserved ? reserved : conserving).Add(resource);
        }

        workConserving = [.. conserving];
        Resources = chosen.IsEmpty ? [.. reserved, .. conserving] : [.. reserved];
        Reserved = reserved.Count;
        isSingle = Resources.Length == 1 && Reserved == 1;
        inverseCapacity = [.. Resources.Select(resource => 1 / problem.Resources[resource].Capacity)];
        leastWork = new double[workConserving.Length];
        int room = problem.DeviceCount * (chosen.IsEmpty ? 4 : 1);
        Fixed = new double[room];
        Fastest = new double[isSingle ? 0 : room];
        Option = new int[room];
        Demand = [.. Resources.Select(_ => new double[room])];
    }

    public int[] Resources { get; }

    public int Reserved { get; }

    public int Written { get; private set; }

    public double[] Fixed { get; private set; }

    public double[] Fastest { get; private set; }

    public int[] Option { get; private set; }

    public double[][] Demand { get; }

    /// <inheritdoc cref="Offers.EarliestRound"/>
    public double EarliestRound => leastWork.Append(slowestDevice).Max();

    /// <summary>Adds those of a device's options that are offered.</summary>
    public void AddAll(int device)
    {
        if (isSingle)
        {
            AddAllOfSingle(device);
            return;
        }

        for (int option = problem.FirstOption(device); option < problem.FirstOption(device + 1); option++)
            Add(device, option);
    }

    /// <summary>Adds the option where it is offered.</summary>
    public void Add(int device, int option)
    {
        if (!problem.IsOffered(device, option, out double fastest))
            return;
        MakeRoomFor(1);
        candidates[gathered++] = new Candidate(option, problem.FixedSeconds(option), fastest) { Demand = isSingle ? Normalised(option, 0) : 0 };
    }

    /// <summary>As <see cref="Add"/> one by one, without asking the problem for each: with a million devices that is most of a plan's time.</summary>
    private void AddAllOfSingle(int device)
    {
        int first = problem.FirstOption(device);
        ReadOnlySpan<double> fixedSeconds = problem.FixedSecondsOf(device);
        ReadOnlySpan<double> demands = problem.DemandsOf(device, Resources[0]);
        ReadOnlySpan<double> memory = problem.CutMemoryBytesOf(device);
        double room = problem.MemoryBytes(device);
        double limit = Math.Min(problem.Resources[Resources[0]].Capacity, problem.Cap(device, Resources[0]));
        double toShare = inverseCapacity[0];
        MakeRoomFor(fixedSeconds.Length);
        Span<Candidate> items = candidates;
        int count = gathered;
        for (int index = 0; index < fixedSeconds.Length; index++)
        {
            double demand = demands[index];
            double fastest = fixedSeconds[index] + (demand > 0 ? demand / limit : 0);
            if (memory[index] <= room && fastest <= Problem.LongestSeconds)
                items[count++] = new Candidate(first + index, fixedSeconds[index], fastest) { Demand = demand * toShare };
        }

        gathered = count;
    }

    private void MakeRoomFor(int more)
    {
        if (gathered + more > candidates.Length)
            Array.Resize(ref candidates, 2 * (gathered + more));
    }

    public void EndDevice()
    {
        Span<Candidate> items = candidates.AsSpan(0, gathered);
        double fastest = double.PositiveInfinity;
        foreach (ref readonly Candidate candidate in items)
            fastest = Math.Min(fastest, candidate.Fastest);
        slowestDevice = Math.Max(slowestDevice, fastest);
        for (int work = 0; work < leastWork.Length; work++)
        {
            double least = double.PositiveInfinity;
            foreach (ref readonly Candidate candidate in items)
                least = Math.Min(least, problem.Demand(candidate.Option, workConserving[work]));
            leastWork[work] += least / problem.Resources[workConserving[work]].Capacity;
        }

        Sort(items);
        int kept = items.Length <= 1 ? items.Length : isSingle ? KeepHull(items) : KeepUndominated(items);
        foreach (ref readonly Candidate candidate in items[..kept])
            Write(in candidate);
        gathered = 0;
        devicesDone++;
    }

    private double Normalised(int option, int resource) => problem.Demand(option, Resources[resource]) * inverseCapacity[resource];

    /// <summary>By fixed seconds, then demand; insertion, because cuts come nearly sorted and are few.</summary>
    private static void Sort(Span<Candidate> items)
    {
        for (int next = 1; next < items.Length; next++)
        {
            Candidate item = items[next];
            int place = next;
            while (place > 0 && (items[place - 1].Fixed > item.Fixed
                || (items[place - 1].Fixed == item.Fixed && items[place - 1].Demand > item.Demand)))
            {
                items[place] = items[place - 1];
                place--;
            }

            items[place] = item;
        }
    }

    /// <summary>Moves what is on the lower left hull to the front; returns how many.</summary>
    private static int KeepHull(Span<Candidate> items)
    {
        int kept = 1;
        for (int next = 1; next < items.Length; next++)
        {
            Candidate item = items[next];
            if (item.Demand >= items[kept - 1].Demand)
                continue;
            while (kept > 1 && IsAbove(items[kept - 2], items[kept - 1], item))
                kept--;
            items[kept++] = item;
        }

        return kept;
    }

    /// <summary>Whether the middle point lies on or above the line between the others.</summary>
    private static bool IsAbove(in Candidate left, in Candidate middle, in Candidate right) =>
        (middle.Fixed - left.Fixed) * (middle.Demand - right.Demand) >= (right.Fixed - middle.Fixed) * (left.Demand - middle.Demand);

    /// <summary>Moves what no other dominates to the front; returns how many.</summary>
    private int KeepUndominated(Span<Candidate> items)
    {
        int kept = 0;
        foreach (Candidate item in items)
        {
            int other = 0;
            while (other < kept && !Dominates(items[other].Option, item.Option))
                other++;
            if (other == kept)
                items[kept++] = item;
        }

        return kept;

        bool Dominates(int better, int worse)
        {
            foreach (int resource in Resources)
            {
                if (problem.Demand(better, resource) > problem.Demand(worse, resource))
                    return false;
            }

            return true;
        }
    }

    private void Write(in Candidate candidate)
    {
        if (Written == Fixed.Length)
            Grow();
        Fixed[Written] = candidate.Fixed;
        Option[Written] = candidate.Option;
        if (!isSingle)
            Fastest[Written] = candidate.Fastest;
        for (int resource = 0; resource < Demand.Length; resource++)
            Demand[resource][Written] = isSingle ? candidate.Demand : Normalised(candidate.Option, resource);
        Written++;
    }

    /// <summary>Room for all devices as those so far took it, and an eighth more.</summary>
    private void Grow()
    {
        int room = Math.Max(Written + 16, (int)Math.Min(Array.MaxLength, 1.125 * Written * problem.DeviceCount / Math.Max(1, devicesDone)));
        Fixed = Resized(Fixed, room);
        Fastest = isSingle ? [] : Resized(Fastest, room);
        for (int resource = 0; resource < Demand.Length; resource++)
            Demand[resource] = Resized(Demand[resource], room);
        int[] options = Option;
        Array.Resize(ref options, room);
        Option = options;
    }

    private static double[] Resized(double[] values, int room)
    {
        Array.Resize(ref values, room);
        return values;
    }

    private static bool IsNeeded(Problem problem, int resource, ReadOnlySpan<int> chosen)
    {
        if (chosen.IsEmpty)
        {
            for (int option = 0; option < problem.OptionCount; option++)
            {
                if (problem.Demand(option, resource) > 0)
                    return true;
            }
        }

        foreach (int option in chosen)
        {
            if (problem.Demand(option, resource) > 0)
                return true;
        }

        return false;
    }

    private record struct Candidate(int Option, double Fixed, double Fastest)
    {
        /// <summary>The demand on the only resource; 0 where there are several.</summary>
        public double Demand { get; set; }
    }
}
