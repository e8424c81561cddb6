namespace EdgeSplit.Wire;

/// <summary>
/// A shared link whose idle shares the busy senders use, in proportion to their own shares and within their caps: the rates
/// of a work-conserving resource, by water-filling. It decides; pacers, or rates told to devices, carry it out.
/// </summary>
/// <param name="capacityBitsPerSecond">Of the whole link, or of one direction of it.</param>
public sealed class ShareLender(double capacityBitsPerSecond)
{
    /// <summary>A rate that changes by less than this fraction is not told: among hundreds of senders, one more or less is nothing.</summary>
    public const double Hysteresis = 0.02;

    private readonly Lock gate = new();
    private readonly List<LentShare> busy = [];

    /// <summary>A new sender, idle and without a share.</summary>
    /// <param name="capBitsPerSecond">The most it can use; infinite for no limit.</param>
    /// <param name="setRate">Called with its rate when that changes while it is busy, under a lock: it must not block.</param>
    public LentShare Join(double capBitsPerSecond, Action<double> setRate)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capBitsPerSecond);
        return new LentShare(this, capBitsPerSecond, setRate);
    }

    /// <summary>A pacer's part: its rate follows what is lent to it.</summary>
    public LentShare Join(double capBitsPerSecond, Pacer pacer) => Join(capBitsPerSecond, rate => pacer.BitsPerSecond = rate);

    internal void Begin(LentShare share)
    {
        lock (gate)
        {
            if (busy.Contains(share))
                return;
            share.Reset();
            busy.Add(share);
            Divide();
        }
    }

    internal void End(LentShare share)
    {
        lock (gate)
        {
            if (busy.Remove(share))
                Divide();
        }
    }

    internal void Change(LentShare share, Action change)
    {
        lock (gate)
        {
            change();
            if (busy.Contains(share))
                Divide();
        }
    }

    /// <summary>Raises a common level, in units of each one's own share, until the capacity is used or everyone is at its cap.</summary>
    private void Divide()
    {
        double free = capacityBitsPerSecond;
        double shares = busy.Sum(share => share.BitsPerSecond);
        // Who reaches its cap at the lowest level is served first; what it leaves raises the level of the others.
        foreach (LentShare share in busy.OrderBy(share => share.CapBitsPerSecond / share.BitsPerSecond))
        {
            double rate = Math.Min(share.CapBitsPerSecond, free * share.BitsPerSecond / shares);
            free -= rate;
            shares -= share.BitsPerSecond;
            share.Tell(rate);
        }
    }
}
