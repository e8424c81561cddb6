using EdgeSplit.Planning;

namespace EdgeSplit.Simulation;

/// <summary>Workloads from a plan alone, where nothing finer is known than fixed seconds and demands.</summary>
public static class PlanWorkloads
{
    /// <summary>
    /// The plan's costs as <paramref name="steps"/> equal steps: compute, each reserved resource in the problem's order, each
    /// work-conserving one. The device's own work there, which its fixed seconds hold, is taken out of the compute.
    /// </summary>
    public static IReadOnlyList<DeviceWorkload> Of(Plan plan, int steps = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        DeviceWorkload[] workloads = new DeviceWorkload[plan.Problem.DeviceCount];
        for (int device = 0; device < workloads.Length; device++)
        {
            List<Stage> stages = Stages(plan.Problem, plan.Option(device), steps);
            workloads[device] = new DeviceWorkload([], stages, steps, stages, []);
        }

        return workloads;
    }

    private static List<Stage> Stages(Problem problem, int option, int steps)
    {
        double compute = problem.FixedSeconds(option);
        List<Stage> transfers = [];
        List<Stage> server = [];
        for (int resource = 0; resource < problem.Resources.Length; resource++)
        {
            double demand = problem.Demand(option, resource);
            if (demand == 0)
                continue;
            string name = problem.Resources[resource].Name;
            if (problem.Resources[resource].Sharing == Sharing.Reserved)
            {
                transfers.Add(new Stage(name, StageKind.Transfer, demand / steps, resource));
                continue;
            }

            compute = Math.Max(0, compute - demand);
            server.Add(new Stage(name, StageKind.Server, demand / steps, resource));
        }

        return [new Stage("compute", StageKind.Device, compute / steps), .. transfers, .. server];
    }
}
