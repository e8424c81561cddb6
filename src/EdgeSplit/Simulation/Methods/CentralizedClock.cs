using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Planning.Policies;

namespace EdgeSplit.Simulation.Methods;

/// <summary>
/// The reference: the server trains the whole network on all data, batch after batch on one lane. Before the first round all raw data
/// must come to it over the shared link, which no other method asks for.
/// </summary>
internal sealed class CentralizedClock : MethodClock
{
    public override string Method => "centralized";

    public override CutChoice Cuts => CutChoice.NoDevices;

    public override string Explanation =>
        "the server alone, batch after batch on one lane, once all raw data has come to it (which its devices may not allow)";

    public override MethodTime Time(ProblemBuilder costs, IPlanPolicy policy, bool lendsIdleShares = false, PlanningTime? planning = null)
    {
        Fleet fleet = costs.Fleet;
        int samples = fleet.Devices.Sum(device => device.Samples);
        FleetDevice all = new("server", fleet.Server.Profile, double.PositiveInfinity, new LinkSpec(1, 1, 0), samples);
        ProblemBuilder server = new(costs.Network, fleet with { Devices = [all] }, costs.Work);
        double seconds = server.Round(0, costs.Network.Length).DeviceSeconds;
        return new MethodTime(Method, seconds)
        {
            SetupSeconds = UploadSeconds(costs),
            Devices = [new DeviceTime("server", 0, 0, 0, seconds, 0, 0, 0)],
            Trace = [new TraceEntry(0, "server", StageKind.Server, 0, seconds)],
        };
    }

    /// <summary>All raw data and labels, with shares that let all devices end together: the link or one device's own bounds it.</summary>
    private static double UploadSeconds(ProblemBuilder costs)
    {
        double perSample = 8 * ((costs.Network.Spec.Input.ElementCount * (double)sizeof(float)) + costs.Work.LabelBytes);
        double capacity = costs.Fleet.Server.Bandwidth switch
        {
            SharedBandwidth.Duplex both => both.UplinkBitsPerSecond,
            SharedBandwidth.Pool pool => pool.BitsPerSecond,
            _ => double.PositiveInfinity,
        };
        double link = costs.Fleet.Devices.Sum(device => device.Samples * perSample) / capacity;
        return costs.Fleet.Devices.Max(device => Math.Max(link, device.Samples * perSample / device.Link.UplinkBitsPerSecond) + device.Link.LatencySeconds);
    }
}
