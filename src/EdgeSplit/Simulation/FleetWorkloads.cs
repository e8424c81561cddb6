using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;

namespace EdgeSplit.Simulation;

/// <summary>Workloads step by step, from the same cost model as the plan's problem: their sum is what the plan claims.</summary>
public static class FleetWorkloads
{
    /// <param name="builder">What made the plan's problem.</param>
    /// <param name="plan">A plan for all devices of its fleet.</param>
    public static IReadOnlyList<DeviceWorkload> Of(ProblemBuilder builder, Plan plan) =>
        [.. Enumerable.Range(0, plan.Problem.DeviceCount).Select(device => Of(builder, device, plan.Cut(device)))];

    private static DeviceWorkload Of(ProblemBuilder builder, int device, int cut)
    {
        BatchCounts batches = builder.Batches(device);
        double latency = cut > 0 ? builder.Fleet.Devices[device].Link.LatencySeconds : 0;
        double weights = builder.WeightBits(cut);
        Stage[] start = [new("latency", StageKind.Device, latency), new("weights down", StageKind.Transfer, weights, builder.Downlink)];
        Stage[] end = [new("latency", StageKind.Device, latency), new("weights up", StageKind.Transfer, weights, ProblemBuilder.Uplink)];
        Stage[] full = Stages(builder, builder.Step(device, cut, batches.FullSamples));
        if (batches.Short == 0)
            return new DeviceWorkload(start, full, batches.Full, full, end);
        Stage[] rest = Stages(builder, builder.Step(device, cut, batches.ShortSamples));
        return new DeviceWorkload(start, full, batches.Full + 1, rest, [.. Enumerable.Repeat(rest, batches.Short - 1).SelectMany(stages => stages), .. end]);
    }

    private static Stage[] Stages(ProblemBuilder builder, StepCost step) =>
    [
        new("forward", StageKind.Device, step.ForwardSeconds),
        new("latency", StageKind.Device, step.LatencySeconds),
        new("uplink", StageKind.Transfer, step.UplinkBits, ProblemBuilder.Uplink),
        new("server", StageKind.Server, step.ServerSeconds, builder.Server),
        new("latency", StageKind.Device, step.LatencySeconds),
        new("downlink", StageKind.Transfer, step.DownlinkBits, builder.Downlink),
        new("backward", StageKind.Device, step.BackwardSeconds),
    ];
}
