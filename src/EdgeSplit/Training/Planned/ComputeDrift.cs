using System.Globalization;
using EdgeSplit.Planning.Costs;

namespace EdgeSplit.Training.Planned;

/// <summary>
/// By how much each device's own work has come to differ from what the plan takes it to be. Where a profile is an estimate, or the
/// devices only play their parts on one machine, the first round at a cut says how the two compare; drift is what comes after.
/// </summary>
internal sealed class ComputeDrift(Fleet fleet, double threshold, bool isOneMachine)
{
    /// <summary>Rounds in a row beyond the threshold before it counts: one slow round is a hiccup.</summary>
    private const int Patience = 2;

    /// <summary>Devices of one machine are held against their median, so that the machine's own ups and downs cancel out.</summary>
    private const int FewestForMedian = 3;

    private readonly double[] factors = [.. Enumerable.Repeat(1.0, fleet.Devices.Count)];
    private readonly int[] roundsBeyond = new int[fleet.Devices.Count];
    private readonly Dictionary<(int Device, int Cut), double> firstRatios = [];
    private readonly List<(int Device, double Ratio)> observed = [];

    /// <summary>How many times as long the device's work takes as its profile says.</summary>
    public double FactorOf(int device) => factors[device];

    /// <param name="measurement">Of the round that has just ended.</param>
    /// <param name="claimedSeconds">What the device's profile says of that work.</param>
    public void Observe(DeviceMeasurement measurement, double claimedSeconds)
    {
        if (threshold <= 0 || !(measurement.ComputeSeconds > 0) || !(claimedSeconds > 0))
            return;
        double ratio = measurement.ComputeSeconds / claimedSeconds;
        if (isOneMachine || fleet.Devices[measurement.Device].Profile.IsEstimate)
        {
            (int, int) key = (measurement.Device, measurement.Cut);
            // A device that had drifted when it changed its cut still has.
            if (firstRatios.TryAdd(key, ratio / factors[measurement.Device]))
                return;
            ratio /= firstRatios[key];
        }

        observed.Add((measurement.Device, ratio));
    }

    /// <summary>Takes the drift of the rounds observed into the factors; says of each device that drifted too far by how much.</summary>
    public IReadOnlyList<string> Settle()
    {
        double middle = isOneMachine && observed.Count >= FewestForMedian ? Profiler.Median([.. observed.Select(one => one.Ratio / factors[one.Device])]) : 1;
        List<string> reasons = [];
        foreach ((int device, double ratio) in observed)
        {
            double drift = ratio / middle / factors[device];
            bool isBeyond = drift > 1 + threshold || drift < 1 / (1 + threshold);
            roundsBeyond[device] = isBeyond ? roundsBeyond[device] + 1 : 0;
            if (roundsBeyond[device] < Patience)
                continue;
            factors[device] *= drift;
            roundsBeyond[device] = 0;
            reasons.Add(string.Create(
                CultureInfo.InvariantCulture, $"the work of {fleet.Devices[device].Name} takes {drift:0.00} times what the plan took it to"));
        }

        observed.Clear();
        return reasons;
    }
}
