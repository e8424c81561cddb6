using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Planning.Policies;

namespace EdgeSplit.Simulation.Methods;

/// <summary>
/// Vanilla split learning (Gupta &amp; Raskar 2018): one device at a time, with the whole link as far as its own reaches; the device-side
/// weights go through the server from each device to the next. A round is the sum over the devices.
/// </summary>
internal sealed class RelayClock : MethodClock
{
    public override string Method => "split";

    public override CutChoice Cuts => CutChoice.Common;

    public override string Explanation =>
        "one device after another, each with the whole link while it is its turn; its weights go through the server to the next";

    public override MethodTime Time(ProblemBuilder costs, IPlanPolicy policy, bool lendsIdleShares = false, PlanningTime? planning = null)
    {
        Problem problem = costs.ToProblem();
        Plan plan = Planner.Decide(problem, policy, planning);
        if (plan.Status == PlanStatus.Infeasible)
            return Infeasible(plan);
        IReadOnlyList<DeviceWorkload> workloads = FleetWorkloads.Of(costs, plan);
        List<TraceEntry> trace = [];
        double now = 0;
        for (int device = 0; device < workloads.Count; device++)
        {
            for (int index = 0; index < workloads[device].StageCount; index++)
            {
                Stage stage = workloads[device][index];
                double seconds = stage.Kind == StageKind.Transfer
                    ? stage.Amount / Math.Min(problem.Resources[stage.Resource].Capacity, problem.Cap(device, stage.Resource))
                    : stage.Amount;
                if (seconds > 0)
                    trace.Add(new TraceEntry(device, stage.Name, stage.Kind, now, now + seconds));
                now += seconds;
            }
        }

        MethodTime time = Timed(costs, plan, now, trace);
        return time with { Devices = [.. time.Devices.Select(device => device with { UplinkShare = null, DownlinkShare = null })] };
    }
}
