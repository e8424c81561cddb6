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

    /// <summary>While devices move, an end good to eight digits moves the same ones as one good to sixteen, in half the time.</summary>
    private const double CoarseStep = 1e-4;

    private readonly Offers offers;
    private readonly CommonEnd end;
    private readonly int[] choice;
    private readonly BlockMaxima leavesBelow;
    private readonly List<(int Device, int Before, double ReturnsAbove)> moved = [];

    /// <param name="offers">With <see cref="Offers.IsSingle"/>.</param>
    public Alternation(Offers offers)
    {
        this.offers = offers;
        choice = new int[offers.DeviceCount];
        end = new CommonEnd(choice.Length);
        leavesBelow = new BlockMaxima(choice.Length);
    }

    /// <summary>Each device's offer when the round stops falling.</summary>
    public int[] Run()
    {
        end.SolveFrom(TakeBestAtEqualShares());
        for (int device = 0; device < choice.Length; device++)
            TakeBest(device);
        double lastStep = CoarseStep;
        for (int round = 0; round < MostRounds && moved.Count > 0; round++)
        {
            double before = end.Seconds;
            end.Solve(lastStep);
            if (!(end.Seconds < before) && lastStep == CommonEnd.FineStep)
            {
                for (int index = moved.Count - 1; index >= 0; index--)
                    choice[moved[index].Device] = moved[index].Before;
                break;
            }

            TakeBest();
            if ((moved.Count == 0 || !(end.Seconds < before)) && lastStep > CommonEnd.FineStep)
            {
                lastStep = CommonEnd.FineStep;
                end.Solve(lastStep);
                TakeBest();
            }
        }

        return choice;
    }

    /// <summary>Every device's best offer at 1/N of the resource, or its cap; returns when the last one ends.</summary>
    private double TakeBestAtEqualShares()
    {
        double last = 0;
        for (int device = 0; device < choice.Length; device++)
        {
            double inverse = 1 / Math.Min(1.0 / choice.Length, offers.Cap[0][device]);
            int best = Walk(device, offers.First[device], inverse);
            Choose(device, best);
            last = Math.Max(last, Seconds(best, inverse));
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
        for (int block = 0; block < leavesBelow.Blocks; block++)
        {
            if (!(end.Seconds < leavesBelow.Greatest(block)))
                continue;
            for (int device = BlockMaxima.First(block); device < leavesBelow.End(block); device++)
            {
                if (end.Seconds < leavesBelow[device])
                    TakeBest(device);
            }
        }
    }

    private void TakeBest(int device)
    {
        // Without a share there is nothing to compare: every offer that has a demand would never end.
        if (end.Demand(device) == 0)
            return;
        int before = choice[device];
        int best = Walk(device, before, (end.Seconds - end.FixedSeconds(device)) / end.Demand(device));
        if (best == before)
            return;
        Choose(device, best);
        moved.Add((device, before, ReturnsAbove(device, best)));
    }

    /// <summary>The best offer at a share, given its inverse.</summary>
    private int Walk(int device, int from, double inverse)
    {
        int best = from;
        double least = Seconds(from, inverse);
        int step = from > offers.First[device] && Seconds(from - 1, inverse) < least ? -1 : 1;
        for (int offer = from + step; offer >= offers.First[device] && offer < offers.First[device + 1]; offer += step)
        {
            double seconds = Seconds(offer, inverse);
            if (!(seconds < least))
                break;
            (best, least) = (offer, seconds);
        }

        return best;
    }

    private double Seconds(int offer, double inverse)
    {
        double amount = offers.Demand[0][offer];
        return amount > 0 ? offers.Fixed[offer] + (amount * inverse) : offers.Fixed[offer];
    }

    private void Choose(int device, int offer)
    {
        choice[device] = offer;
        double seconds = offers.Fixed[offer];
        double amount = offers.Demand[0][offer];
        end.Set(device, seconds, amount, offers.Cap[0][device]);
        leavesBelow[device] = offer > offers.First[device] && amount > 0 ? SameAs(offer, offer - 1) : 0;
    }

    /// <summary>The end above which the offer after is the better one.</summary>
    private double ReturnsAbove(int device, int offer) =>
        offer + 1 < offers.First[device + 1] ? SameAs(offer, offer + 1) : double.PositiveInfinity;

    /// <summary>The T at which another offer takes as long at the share q / (T − a): (T − a)(q' − q) = (a − a')q.</summary>
    private double SameAs(int offer, int other)
    {
        double seconds = offers.Fixed[offer];
        double amount = offers.Demand[0][offer];
        return seconds + ((seconds - offers.Fixed[other]) * amount / (offers.Demand[0][other] - amount));
    }
}
