namespace EdgeSplit.Simulation;

/// <summary>
/// A link whose idle shares the busy devices use, in proportion to their own shares and within their caps: generalised
/// processor sharing (Parekh &amp; Gallager 1993) with water-filling. Devices below their cap progress together in virtual time,
/// which passes at the present level; so an event costs the logarithm of the devices at work.
/// </summary>
internal sealed class SharedLink
{
    private const double Rounding = 1e-12;

    private readonly double capacity;
    private readonly double[] weights;
    private readonly double[] caps;
    private readonly double[] finish;
    private readonly int[] version;
    private readonly bool[] isCapped;
    private readonly EventQueue levelFinishes = new();
    private readonly EventQueue cappedFinishes = new();
    private readonly EventQueue lowestCaps = new();
    private readonly EventQueue highestCaps = new();
    private double now;
    private double virtualTime;
    private double level;
    private double weightAtLevel;
    private double capped;
    private int countAtLevel;
    private int countCapped;

    /// <param name="capacity">Units per second.</param>
    /// <param name="weights">Each device's own share.</param>
    /// <param name="caps">Each device's limit; infinite for none.</param>
    public SharedLink(double capacity, double[] weights, double[] caps)
    {
        this.capacity = capacity;
        this.weights = weights;
        this.caps = caps;
        finish = new double[weights.Length];
        version = new int[weights.Length];
        isCapped = new bool[weights.Length];
    }

    /// <summary>When the next transfer ends, if none begins before.</summary>
    public double NextFinish
    {
        get
        {
            Drop(levelFinishes, false);
            Drop(cappedFinishes, true);
            double atLevel = levelFinishes.Count > 0 ? now + (Math.Max(0, levelFinishes.NextTime - virtualTime) / level) : double.PositiveInfinity;
            return Math.Min(atLevel, Math.Max(now, cappedFinishes.NextTime));
        }
    }

    /// <summary>Begins a device's transfer.</summary>
    public void Begin(int device, double amount, double time)
    {
        Advance(time);
        version[device]++;
        JoinLevel(device, amount);
        Balance();
    }

    /// <summary>Ends the transfer that is the next to end, at the time it does; returns whose.</summary>
    public int End(double time)
    {
        double atLevel = levelFinishes.Count > 0 ? now + (Math.Max(0, levelFinishes.NextTime - virtualTime) / level) : double.PositiveInfinity;
        bool fromLevel = atLevel <= cappedFinishes.NextTime;
        Advance(time);
        int device = DeviceOf((fromLevel ? levelFinishes : cappedFinishes).Take().Item);
        version[device]++;
        if (fromLevel)
            LeaveLevel(device);
        else
            LeaveCapped(device);
        Balance();
        return device;
    }

    private void Advance(double time)
    {
        if (countAtLevel > 0)
            virtualTime += (time - now) * level;
        now = time;
    }

    private void JoinLevel(int device, double amount)
    {
        isCapped[device] = false;
        finish[device] = virtualTime + (amount / weights[device]);
        levelFinishes.Add(finish[device], Key(device));
        lowestCaps.Add(caps[device] / weights[device], Key(device));
        weightAtLevel += weights[device];
        countAtLevel++;
    }

    private void LeaveLevel(int device)
    {
        weightAtLevel -= weights[device];
        if (--countAtLevel == 0)
            weightAtLevel = virtualTime = 0;
    }

    private void LeaveCapped(int device)
    {
        capped -= caps[device];
        if (--countCapped == 0)
            capped = 0;
    }

    /// <summary>Finds the level at which rates, each the lesser of level · weight and cap, use the capacity.</summary>
    private void Balance()
    {
        while (true)
        {
            double free = capacity - capped;
            level = countAtLevel > 0 ? free / weightAtLevel : free >= -Rounding * capacity ? double.PositiveInfinity : double.NegativeInfinity;
            Drop(highestCaps, true);
            if (highestCaps.Count > 0 && -highestCaps.NextTime > level * (1 + Rounding))
            {
                int device = DeviceOf(highestCaps.Take().Item);
                version[device]++;
                double amount = Math.Max(0, finish[device] - now) * caps[device];
                LeaveCapped(device);
                JoinLevel(device, amount);
                continue;
            }

            Drop(lowestCaps, false);
            if (countAtLevel == 0 || lowestCaps.Count == 0 || lowestCaps.NextTime > level)
                return;
            int slow = DeviceOf(lowestCaps.Take().Item);
            double left = Math.Max(0, finish[slow] - virtualTime) * weights[slow];
            version[slow]++;
            LeaveLevel(slow);
            isCapped[slow] = true;
            finish[slow] = now + (left / caps[slow]);
            cappedFinishes.Add(finish[slow], Key(slow));
            highestCaps.Add(-caps[slow] / weights[slow], Key(slow));
            capped += caps[slow];
            countCapped++;
        }
    }

    /// <summary>Removes entries of transfers that have ended or changed sides.</summary>
    private void Drop(EventQueue queue, bool whereCapped)
    {
        while (queue.Count > 0)
        {
            long item = queue.NextItem;
            int device = DeviceOf(item);
            if (Key(device) == item && isCapped[device] == whereCapped)
                return;
            queue.Take();
        }
    }

    private long Key(int device) => ((long)version[device] << 32) | (uint)device;

    private static int DeviceOf(long item) => (int)(item & 0xFFFFFFFF);
}
