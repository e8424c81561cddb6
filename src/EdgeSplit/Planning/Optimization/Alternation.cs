namespace EdgeSplit.Planning.Optimization;

/// <summary>
/// The alternating algorithm where one reserved resource is all that is shared: each time, only the devices that have a better
/// cut are touched, and nothing is allocated.
/// </summary>
/// <remarks>
/// A device's offers are a strictly convex hull, so at any share its seconds fall and then rise along them: its best offer is
/// found by walking from the present one. The end never rises, shares at it only grow, and so a device that kept its offer once
/// keeps it until the end falls below one number, from where the offer before is better.
/// </remarks>
internal sealed class Alternation
{
    private const int MostRounds = 10_000;
    private const int BlocksAtATime = 16;

    /// <summary>While devices move, an end good to eight digits moves the same ones as one good to sixteen, in half the time.</summary>
    private const double CoarseStep = 1e-4;

    private readonly Offers offers;
    private readonly CommonEnd end;
    private readonly Device[] devices;
    private readonly BlockMaxima<Device, Device.OwnEnd> ends;
    private readonly double[] leavesBelow;
    private readonly BlockMaxima<double, Itself> leaving;
    private readonly List<(int Device, int Before, double ReturnsAbove)> moved = [];
    private readonly int[] leavers = new int[(BlocksAtATime * BlockMaxima<double, Itself>.Size) + 1];

    /// <summary>Keeps reads from being left out as useless.</summary>
    private double read;

    /// <param name="offers">With <see cref="Offers.IsSingle"/>.</param>
    public Alternation(Offers offers)
    {
        this.offers = offers;
        devices = new Device[offers.DeviceCount];
        for (int device = 0; device < devices.Length; device++)
        {
            devices[device] = new Device
            {
                First = offers.First[device],
                Last = offers.First[device + 1] - 1,
                Choice = offers.First[device],
                Cap = offers.Cap[0][device],
            };
        }

        ends = new BlockMaxima<Device, Device.OwnEnd>(devices);
        leavesBelow = new double[devices.Length];
        leaving = new BlockMaxima<double, Itself>(leavesBelow);
        end = new CommonEnd(devices.Length);
    }

    /// <summary>When the devices end together.</summary>
    public double Seconds => end.Seconds;

    /// <summary>Each device's offer when the round stops falling.</summary>
    public int[] Run()
    {
        end.SolveFrom(TakeBestAtEqualShares(), ends.Greatest());
        for (int device = 0; device < devices.Length; device++)
            TakeBest(device);
        double lastStep = CoarseStep;
        for (int round = 0; round < MostRounds && moved.Count > 0; round++)
        {
            double before = end.Seconds;
            end.Solve(ends.Greatest(), lastStep);
            if (!(end.Seconds < before) && lastStep == CommonEnd.FineStep)
            {
                for (int index = moved.Count - 1; index >= 0; index--)
                    devices[moved[index].Device].Choice = moved[index].Before;
                break;
            }

            TakeBest();
            if ((moved.Count == 0 || !(end.Seconds < before)) && lastStep > CommonEnd.FineStep)
            {
                lastStep = CommonEnd.FineStep;
                end.Solve(ends.Greatest(), lastStep);
                TakeBest();
            }
        }

        return Array.ConvertAll(devices, device => device.Choice);
    }

    /// <summary>Every device's best offer at 1/N of the resource, or its cap; returns when the last one ends.</summary>
    private double TakeBestAtEqualShares()
    {
        double last = 0;
        for (int device = 0; device < devices.Length; device++)
        {
            double inverse = 1 / Math.Min(1.0 / devices.Length, devices[device].Cap);
            int best = Walk(in devices[device], inverse);
            Choose(device, best);
            last = Math.Max(last, SecondsOf(best, inverse));
        }

        return last;
    }

    /// <summary>The best offer of those devices that may have one better than theirs, at the shares with which all end now.</summary>
    private void TakeBest()
    {
        int changed = moved.Count;
        for (int index = 0; index < changed; index++)
        {
            if (end.Seconds > moved[index].ReturnsAbove)
                TakeBest(moved[index].Device);
        }

        moved.RemoveRange(0, changed);
        ReadOnlySpan<int> blocks = leaving.Above(end.Seconds);
        for (int first = 0; first < blocks.Length; first += BlocksAtATime)
            TakeBestIn(blocks[first..Math.Min(blocks.Length, first + BlocksAtATime)]);
    }

    /// <summary>
    /// The devices of some blocks. Those that move lie far apart, and a move that waits for memory read by read takes several times
    /// as long: so what all of them need is read first, each read independent of the others.
    /// </summary>
    private void TakeBestIn(ReadOnlySpan<int> blocks)
    {
        double sum = 0;
        foreach (int block in blocks)
            sum += leavesBelow[BlockMaxima<double, Itself>.First(block)];
        int count = 0;
        foreach (int block in blocks)
        {
            for (int device = BlockMaxima<double, Itself>.First(block); device < leaving.End(block); device++)
            {
                leavers[count] = device;
                count += end.Seconds < leavesBelow[device] ? 1 : 0;
            }
        }

        ReadOnlySpan<int> some = leavers.AsSpan(0, count);
        foreach (int device in some)
            sum += devices[device].Cap + end.Demand(device) + end.FixedSeconds(device);
        double[] demand = offers.Demand[0];
        foreach (int device in some)
            sum += offers.Fixed[devices[device].Choice] + demand[devices[device].Choice];
        read = sum;
        foreach (int device in some)
            TakeBest(device);
    }

    private void TakeBest(int device)
    {
        // Without a share there is nothing to compare: every offer that has a demand would never end.
        if (end.Demand(device) == 0)
            return;
        int before = devices[device].Choice;
        int best = Walk(in devices[device], (end.Seconds - end.FixedSeconds(device)) / end.Demand(device));
        if (best == before)
            return;
        Choose(device, best);
        moved.Add((device, before, ReturnsAbove(device, best)));
    }

    /// <summary>The best offer at a share, given its inverse.</summary>
    private int Walk(in Device device, double inverse)
    {
        int best = device.Choice;
        double least = SecondsOf(best, inverse);
        int step = best > device.First && SecondsOf(best - 1, inverse) < least ? -1 : 1;
        for (int offer = best + step; offer >= device.First && offer <= device.Last; offer += step)
        {
            double seconds = SecondsOf(offer, inverse);
            if (!(seconds < least))
                break;
            (best, least) = (offer, seconds);
        }

        return best;
    }

    private double SecondsOf(int offer, double inverse)
    {
        double amount = offers.Demand[0][offer];
        return amount > 0 ? offers.Fixed[offer] + (amount * inverse) : offers.Fixed[offer];
    }

    private void Choose(int index, int offer)
    {
        ref Device device = ref devices[index];
        double seconds = offers.Fixed[offer];
        double amount = offers.Demand[0][offer];
        end.Set(index, seconds, amount);

        double before = device.End;
        device.Choice = offer;
        device.End = amount > 0 ? seconds + (amount / device.Cap) : seconds;
        ends.Changed(index, before);

        before = leavesBelow[index];
        leavesBelow[index] = offer > device.First && amount > 0 ? SameAs(offer, offer - 1) : 0;
        leaving.Changed(index, before);
    }

    /// <summary>The end above which the offer after is the better one.</summary>
    private double ReturnsAbove(int device, int offer) =>
        offer < devices[device].Last ? SameAs(offer, offer + 1) : double.PositiveInfinity;

    /// <summary>The T at which another offer takes as long at the share q / (T − a): (T − a)(q' − q) = (a − a')q.</summary>
    private double SameAs(int offer, int other)
    {
        double seconds = offers.Fixed[offer];
        double amount = offers.Demand[0][offer];
        return seconds + ((seconds - offers.Fixed[other]) * amount / (offers.Demand[0][other] - amount));
    }

    /// <summary>What one device's move reads and writes, side by side in memory: with a million devices that is most of its time.</summary>
    private struct Device
    {
        public int First;
        public int Last;
        public int Choice;

        /// <summary>The largest share.</summary>
        public double Cap;

        /// <summary>When it ends with that.</summary>
        public double End;

        internal readonly struct OwnEnd : IMagnitude<Device>
        {
            public static double Of(in Device item) => item.End;
        }
    }

    private readonly struct Itself : IMagnitude<double>
    {
        public static double Of(in double item) => item;
    }
}
