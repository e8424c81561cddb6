using EdgeSplit.Training;
using EdgeSplit.Wire;

namespace EdgeSplit.Server;

/// <summary>
/// The plan of the devices that came, for the whole fleet: the plan counts those there are, the fleet all there could be. What is
/// measured of their links goes with what is measured of their work.
/// </summary>
/// <param name="plan">Decides for the devices that came, counted from 0.</param>
/// <param name="present">Their numbers in the fleet, ascending.</param>
/// <param name="meterOf">The meter of a device's link, by its number in the fleet; null where there is none.</param>
internal sealed class PartOfFleet(ICutPlan plan, IReadOnlyList<int> present, Func<int, LinkMeter?> meterOf) : ICutPlan
{
    private readonly Dictionary<int, int> places = present.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
    private readonly Dictionary<int, (LinkMeter Meter, Flow Up, Flow Down)> read = [];

    public IReadOnlyList<int> Devices { get; } = [.. plan.Devices.Select(device => present[device])];

    public PlannedRound Decide(int round, IReadOnlyList<int> participants)
    {
        PlannedRound planned = plan.Decide(round, [.. participants.Select(device => places[device])]);
        return planned with { Assignments = [.. planned.Assignments.Select(one => one with { Device = present[one.Device] })] };
    }

    public void GoOnWith(RoundPlanned planned) => plan.GoOnWith(planned);

    public void Observe(DeviceMeasurement measurement)
    {
        DeviceMeasurement complete = measurement with { Device = places[measurement.Device] };
        if (meterOf(measurement.Device) is { } meter)
        {
            (Flow up, Flow down) = (meter.ReceiveFlow, meter.SendFlow);
            (Flow upBefore, Flow downBefore) = read.GetValueOrDefault(measurement.Device) is var last && last.Meter == meter ? (last.Up, last.Down) : default;
            read[measurement.Device] = (meter, up, down);
            complete = complete with
            {
                UplinkBitsPerSecond = (up - upBefore).BitsPerSecond,
                DownlinkBitsPerSecond = (down - downBefore).BitsPerSecond,
                LatencySeconds = meter.RoundTripSeconds / 2,
            };
        }

        plan.Observe(complete);
    }
}
