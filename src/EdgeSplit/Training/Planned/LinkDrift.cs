using EdgeSplit.Planning.Costs;
using EdgeSplit.Wire;

namespace EdgeSplit.Training.Planned;

/// <summary>
/// What each device's own link turns out to carry, where that is less than the plan gave it. A link that carries all it was given
/// is given more again, step by step, until nothing limits it but what the file says.
/// </summary>
internal sealed class LinkDrift(Fleet fleet, double threshold)
{
    /// <summary>Rounds in a row below the share before it counts.</summary>
    private const int Patience = 2;

    /// <summary>By how much a limit is raised after a round in which the link carried all it was given.</summary>
    private const double Recovery = 1.5;

    private readonly Direction up = new("uplink", fleet, link => link.UplinkBitsPerSecond, shared => shared switch
    {
        SharedBandwidth.Duplex both => both.UplinkBitsPerSecond,
        SharedBandwidth.Pool pool => pool.BitsPerSecond,
        _ => double.PositiveInfinity,
    });

    private readonly Direction down = new("downlink", fleet, link => link.DownlinkBitsPerSecond, shared => shared switch
    {
        SharedBandwidth.Duplex both => both.DownlinkBitsPerSecond,
        SharedBandwidth.Pool pool => pool.BitsPerSecond,
        _ => double.PositiveInfinity,
    });

    /// <summary>The device's link as far as it is known by now.</summary>
    public LinkSpec Limit(int device, LinkSpec given) => given with
    {
        UplinkBitsPerSecond = Math.Min(given.UplinkBitsPerSecond, up.Limits[device]),
        DownlinkBitsPerSecond = Math.Min(given.DownlinkBitsPerSecond, down.Limits[device]),
    };

    /// <param name="measurement">Of the round that has just ended.</param>
    /// <param name="share">What the device was given in it.</param>
    public void Observe(DeviceMeasurement measurement, LinkShare share)
    {
        if (threshold <= 0)
            return;
        up.Observe(measurement.Device, measurement.UplinkBitsPerSecond, share.UplinkBitsPerSecond, threshold);
        down.Observe(measurement.Device, measurement.DownlinkBitsPerSecond, share.DownlinkBitsPerSecond, threshold);
    }

    /// <summary>Says of each link whose limit has changed since the last time how it did.</summary>
    public IReadOnlyList<string> Settle() => [.. up.Settle(), .. down.Settle()];

    private sealed class Direction(string name, Fleet fleet, Func<LinkSpec, double> rateOf, Func<SharedBandwidth, double> poolOf)
    {
        private readonly double pool = poolOf(fleet.Server.Bandwidth);
        private readonly int[] roundsBelow = new int[fleet.Devices.Count];
        private readonly SortedDictionary<int, string> changes = [];

        public double[] Limits { get; } = [.. Enumerable.Repeat(double.PositiveInfinity, fleet.Devices.Count)];

        public void Observe(int device, double? measured, double share, double threshold)
        {
            if (measured is not { } rate || !(rate > 0) || !(share > 0) || !double.IsFinite(share))
                return;
            if (rate * (1 + threshold) < share)
            {
                if (++roundsBelow[device] < Patience)
                    return;
                Limits[device] = rate;
                changes[device] = $"carries {Mbps(rate)} of the {Mbps(share)} it was given";
            }
            else if (double.IsFinite(Limits[device]))
            {
                double raised = Recovery * Limits[device];
                Limits[device] = raised < Math.Min(pool, rateOf(fleet.Devices[device].Link)) ? raised : double.PositiveInfinity;
                changes[device] = $"carries the {Mbps(share)} it was given and may have more";
            }

            roundsBelow[device] = 0;
        }

        public string[] Settle()
        {
            string[] reasons = [.. changes.Select(change => $"the {name} of {fleet.Devices[change.Key].Name} {change.Value}")];
            changes.Clear();
            return reasons;
        }

        private static string Mbps(double rate) => FormattableString.Invariant($"{rate / 1e6:0.###} Mbps");
    }
}
