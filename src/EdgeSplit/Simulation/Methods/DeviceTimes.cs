using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;

namespace EdgeSplit.Simulation.Methods;

/// <summary>A round device by device, added up from its trace.</summary>
internal static class DeviceTimes
{
    public static IReadOnlyList<DeviceTime> Of(ProblemBuilder costs, Plan plan, double roundSeconds, IReadOnlyList<TraceEntry> trace)
    {
        double[,] spent = new double[plan.Problem.DeviceCount, Enum.GetValues<Part>().Length];
        foreach (TraceEntry entry in trace)
            spent[entry.Device, (int)PartOf(entry)] += entry.End - entry.Start;
        return [.. Enumerable.Range(0, plan.Problem.DeviceCount).Select(device =>
        {
            double Seconds(Part part) => spent[device, (int)part];
            int cut = plan.Cut(device);
            RoundCost cost = costs.Round(device, cut);
            double busy = Enum.GetValues<Part>().Sum(Seconds);
            return new DeviceTime(
                plan.Problem.DeviceName(device), cut, Seconds(Part.Compute), Seconds(Part.Uplink), Seconds(Part.Server), Seconds(Part.Downlink),
                Seconds(Part.Latency), Math.Max(0, roundSeconds - busy))
            {
                BytesUp = cost.UplinkBits / 8,
                BytesDown = cost.DownlinkBits / 8,
                MemoryBytes = costs.DeviceMemoryBytes(cut),
                UplinkShare = plan.Share(device, ProblemBuilder.Uplink),
                DownlinkShare = plan.Share(device, costs.Downlink),
            };
        })];
    }

    private static Part PartOf(TraceEntry entry) => entry.Kind switch
    {
        StageKind.Server => Part.Server,
        StageKind.Transfer => entry.Stage is FleetWorkloads.Uplink or FleetWorkloads.WeightsUp ? Part.Uplink : Part.Downlink,
        _ => entry.Stage == FleetWorkloads.Latency ? Part.Latency : Part.Compute,
    };

    private enum Part
    {
        Compute,
        Uplink,
        Server,
        Downlink,
        Latency,
    }
}
