using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;

namespace EdgeSplit.Simulation;

/// <summary>Workloads step by step, from the same cost model as the plan's problem: their sum is what the plan claims.</summary>
public static class FleetWorkloads
{
    /// <summary>The names of the stages.</summary>
    internal const string
        Forward = "forward", Backward = "backward", Latency = "latency", Uplink = "uplink", Downlink = "downlink", WeightsDown = "weights down",
        WeightsUp = "weights up";

    /// <param name="builder">What made the plan's problem.</param>
    /// <param name="plan">A plan for all devices of its fleet.</param>
    public static IReadOnlyList<DeviceWorkload> Of(ProblemBuilder builder, Plan plan) =>
        [.. Enumerable.Range(0, plan.Problem.DeviceCount).Select(device => Of(builder, device, plan.Cut(device)))];

    private static DeviceWorkload Of(ProblemBuilder builder, int device, int cut)
    {
        BatchCounts batches = builder.Batches(device);
        double latency = cut > 0 ? builder.Fleet.Devices[device].Link.LatencySeconds : 0;
        double weights = builder.WeightBits(cut);
        Stage[] start = [new(Latency, StageKind.Device, latency), new(WeightsDown, StageKind.Transfer, weights, builder.Downlink)];
        Stage[] end = [new(Latency, StageKind.Device, latency), new(WeightsUp, StageKind.Transfer, weights, ProblemBuilder.Uplink)];
        Stage[] full = Stages(builder, builder.Step(device, cut, batches.FullSamples));
        if (batches.Short == 0)
            return new DeviceWorkload(start, full, batches.Full, full, end);
        Stage[] rest = Stages(builder, builder.Step(device, cut, batches.ShortSamples));
        return new DeviceWorkload(start, full, batches.Full + 1, rest, [.. Enumerable.Repeat(rest, batches.Short - 1).SelectMany(stages => stages), .. end]);
    }

    private static Stage[] Stages(ProblemBuilder builder, StepCost step) =>
    [
        new(Forward, StageKind.Device, step.ForwardSeconds),
        new(Latency, StageKind.Device, step.LatencySeconds),
        new(Uplink, StageKind.Transfer, step.UplinkBits, ProblemBuilder.Uplink),
        new("server", StageKind.Server, step.ServerSeconds, builder.Server),
        new(Latency, StageKind.Device, step.LatencySeconds),
        new(Downlink, StageKind.Transfer, step.DownlinkBits, builder.Downlink),
        new(Backward, StageKind.Device, step.BackwardSeconds),
    ];
}
