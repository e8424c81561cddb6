using EdgeSplit.Numerics;
using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;

namespace EdgeSplit.Simulation.Methods;

/// <summary>One round with a barrier at every step.</summary>
/// <param name="costs">The costs of the fleet.</param>
/// <param name="plan">A common cut, and each device's share of the link.</param>
/// <param name="takesTurns">The server takes one device's batch after another, in random order; all together if not.</param>
internal sealed class BarrierRound(ProblemBuilder costs, Plan plan, bool takesTurns)
{
    private readonly SeededRandom order = new(seed: 0);
    private readonly double[] now = new double[plan.Problem.DeviceCount];

    public List<TraceEntry> Trace { get; } = [];

    /// <summary>When the round ends, in seconds.</summary>
    public double Run()
    {
        BatchCounts[] batches = [.. Enumerable.Range(0, now.Length).Select(costs.Batches)];
        for (int device = 0; device < now.Length; device++)
            MoveWeights(device, FleetWorkloads.WeightsDown, costs.Downlink);
        int steps = batches.Max(each => each.Full + each.Short);
        for (int step = 0; step < steps; step++)
        {
            int[] active = [.. Enumerable.Range(0, now.Length).Where(device => step < batches[device].Full + batches[device].Short)];
            Step(active, device => step < batches[device].Full ? batches[device].FullSamples : batches[device].ShortSamples);
        }

        for (int device = 0; device < now.Length; device++)
            MoveWeights(device, FleetWorkloads.WeightsUp, ProblemBuilder.Uplink);
        return now.Max();
    }

    private void Step(int[] devices, Func<int, int> samplesOf)
    {
        StepCost[] parts = [.. devices.Select(device => costs.Step(device, plan.Cut(device), samplesOf(device)))];
        for (int index = 0; index < devices.Length; index++)
        {
            Spend(devices[index], FleetWorkloads.Forward, StageKind.Device, parts[index].ForwardSeconds);
            Spend(devices[index], FleetWorkloads.Latency, StageKind.Device, parts[index].LatencySeconds);
            Send(devices[index], FleetWorkloads.Uplink, parts[index].UplinkBits, ProblemBuilder.Uplink);
        }

        if (plan.Cut(devices[0]) < costs.Network.Length)
            Serve(devices, parts);
        for (int index = 0; index < devices.Length; index++)
        {
            int device = devices[index];
            Spend(device, FleetWorkloads.Latency, StageKind.Device, parts[index].LatencySeconds);
            Send(device, FleetWorkloads.Downlink, parts[index].DownlinkBits, costs.Downlink);
            Spend(device, FleetWorkloads.Backward, StageKind.Device, parts[index].BackwardSeconds);
        }
    }

    /// <summary>Begins when all smashed data is here.</summary>
    private void Serve(int[] devices, StepCost[] parts)
    {
        double begins = devices.Max(device => now[device]);
        if (!takesTurns)
        {
            double seconds = ServerSeconds(parts, plan.Cut(devices[0]));
            foreach (int device in devices)
                Serve(device, begins, seconds);
            return;
        }

        int[] turns = [.. Enumerable.Range(0, devices.Length)];
        order.Shuffle<int>(turns);
        foreach (int index in turns)
        {
            Serve(devices[index], begins, parts[index].ServerSeconds);
            begins = now[devices[index]];
        }
    }

    private void Serve(int device, double begins, double seconds)
    {
        now[device] = begins;
        Spend(device, "server", StageKind.Server, seconds);
    }

    /// <summary>The concatenated batch over the lanes, no device's rows on two of them, and one optimizer step.</summary>
    private double ServerSeconds(StepCost[] parts, int cut)
    {
        double optimizer = costs.Fleet.Server.Profile.StepSeconds(cut + 1, costs.Network.Length);
        double longest = parts.Max(part => part.ServerSeconds - optimizer);
        double all = parts.Sum(part => part.ServerSeconds - optimizer);
        return Math.Max(longest, all / costs.Fleet.Server.Lanes) + optimizer;
    }

    private void MoveWeights(int device, string name, int resource)
    {
        int cut = plan.Cut(device);
        if (cut == 0)
            return;
        Spend(device, FleetWorkloads.Latency, StageKind.Device, costs.Fleet.Devices[device].Link.LatencySeconds);
        Send(device, name, costs.WeightBits(cut), resource);
    }

    private void Send(int device, string name, double bits, int resource) =>
        Spend(device, name, StageKind.Transfer, bits > 0 ? bits / plan.Share(device, resource) : 0);

    private void Spend(int device, string name, StageKind kind, double seconds)
    {
        if (seconds > 0)
            Trace.Add(new TraceEntry(device, name, kind, now[device], now[device] + seconds));
        now[device] += seconds;
    }
}
