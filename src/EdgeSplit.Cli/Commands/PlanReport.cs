using System.Globalization;
using EdgeSplit.Planning;
using EdgeSplit.Planning.Policies;
using EdgeSplit.Simulation;

namespace EdgeSplit.Cli.Commands;

/// <summary>Explains a plan to people.</summary>
internal static class PlanReport
{
    /// <summary>Devices shown one by one; a larger fleet's are in the JSON.</summary>
    private const int MostRows = 50;
    private const int BarWidth = 60;

    public static void Write(Plan plan, TextWriter output)
    {
        Problem problem = plan.Problem;
        output.WriteLine($"Plan by the policy {plan.Policy} for {problem.DeviceCount} devices: a round takes {Seconds(plan.RoundSeconds)}.");
        output.WriteLine(plan.Status == PlanStatus.Optimal
            ? $"It is optimal: no plan takes less than {Seconds(plan.LowerBoundSeconds)} (gap {Gap(plan.Gap)})."
            : $"No plan takes less than {Seconds(plan.LowerBoundSeconds)}, so at most {Gap(plan.Gap)} could still be gained.");
        output.WriteLine(Bottleneck(plan));
        output.WriteLine();
        WriteDevices(plan, output);
        output.WriteLine();
        WriteTimeline(plan, output);
    }

    public static void WriteComparison(Problem problem, IReadOnlyList<string> policies, TextWriter output)
    {
        TextTable table = new(["policy", "status", "round", "bound", "gap", "slower than the best"], textColumns: 2);
        List<Plan> plans = [.. policies.Select(policy => Planner.Decide(problem, PlanPolicies.Parse(policy)))];
        double best = plans.Min(plan => plan.RoundSeconds);
        double bound = plans.Where(plan => plan.Status != PlanStatus.Infeasible).Select(plan => plan.LowerBoundSeconds).DefaultIfEmpty().Max();
        foreach (Plan plan in plans)
        {
            string name = PlanWriter.StatusName(plan.Status);
            if (plan.Status == PlanStatus.Infeasible)
                table.Add(plan.Policy, name, "-", "-", "-", "-");
            else
                table.Add(plan.Policy, name, Seconds(plan.RoundSeconds), Seconds(bound), Gap(1 - (bound / plan.RoundSeconds)), Slower(plan, best));
        }

        output.WriteLine();
        output.WriteLine("Every policy on this problem:");
        table.Write(output);
    }

    public static string Seconds(double seconds) => seconds.ToString("0.####", CultureInfo.InvariantCulture) + " s";

    private static string Gap(double gap) => (double.IsFinite(gap) ? 100 * gap : 0).ToString("0.####", CultureInfo.InvariantCulture) + " %";

    private static string Slower(Plan plan, double best) =>
        best > 0 ? (100 * ((plan.RoundSeconds / best) - 1)).ToString("0.0", CultureInfo.InvariantCulture) + " %" : "-";

    private static string Bottleneck(Plan plan)
    {
        Problem problem = plan.Problem;
        for (int resource = 0; resource < problem.Resources.Length; resource++)
        {
            double load = 0;
            for (int device = 0; device < problem.DeviceCount; device++)
                load += problem.Demand(plan.Option(device), resource);
            if (problem.Resources[resource].Sharing == Sharing.WorkConserving
                && load / problem.Resources[resource].Capacity >= plan.RoundSeconds * (1 - 1e-9))
            {
                return $"What bounds it: all the work on '{problem.Resources[resource].Name}' together.";
            }
        }

        int last = plan.Straggler();
        string name = problem.DeviceName(last);
        return problem.FastestSeconds(last, plan.Option(last)) >= plan.RoundSeconds * (1 - 1e-9)
            ? $"{name} ends the round. What bounds it: the device itself, its compute and its own link."
            : $"{name} ends the round. What bounds it: its share of {SharedResource(plan, last)}.";
    }

    private static string SharedResource(Plan plan, int device)
    {
        Problem problem = plan.Problem;
        IEnumerable<int> longest = Enumerable.Range(0, problem.Resources.Length)
            .Where(resource => plan.Share(device, resource) > 0)
            .OrderByDescending(resource => problem.Demand(plan.Option(device), resource) / plan.Share(device, resource));
        return string.Join(" and ", longest.Select(resource => $"'{problem.Resources[resource].Name}'").DefaultIfEmpty("nothing"));
    }

    private static void WriteDevices(Plan plan, TextWriter output)
    {
        Problem problem = plan.Problem;
        int[] reserved = [.. Enumerable.Range(0, problem.Resources.Length).Where(index => problem.Resources[index].Sharing == Sharing.Reserved)];
        TextTable table = new(
            ["device", "cut", "fixed", .. reserved.SelectMany(index => new[] { $"{problem.Resources[index].Name} share", "takes" }), "ends", "slack"],
            textColumns: 1);
        for (int device = 0; device < Math.Min(MostRows, problem.DeviceCount); device++)
        {
            int option = plan.Option(device);
            IEnumerable<string> stages = reserved.SelectMany(resource => new[]
            {
                Share(plan.Share(device, resource)),
                plan.Share(device, resource) > 0 ? Seconds(problem.Demand(option, resource) / plan.Share(device, resource)) : "-",
            });
            table.Add([
                problem.DeviceName(device), plan.Cut(device).ToString(CultureInfo.InvariantCulture), Seconds(problem.FixedSeconds(option)),
                .. stages, Seconds(plan.DeviceSeconds(device)), Seconds(Math.Max(0, plan.RoundSeconds - plan.DeviceSeconds(device)))]);
        }

        table.Write(output);
        if (problem.DeviceCount > MostRows)
            output.WriteLine($"... and {problem.DeviceCount - MostRows} devices more; --format json lists all.");
    }

    private static string Share(double share) => share switch
    {
        >= 1e6 => (share / 1e6).ToString("0.###", CultureInfo.InvariantCulture) + " M/s",
        >= 1e3 => (share / 1e3).ToString("0.###", CultureInfo.InvariantCulture) + " k/s",
        _ => share.ToString("0.####", CultureInfo.InvariantCulture) + " /s",
    };

    private static void WriteTimeline(Plan plan, TextWriter output)
    {
        if (plan.Problem.DeviceCount > MostRows || plan.RoundSeconds == 0)
            return;
        SimulatedRound round = RoundSimulator.Run(plan, PlanWorkloads.Of(plan), new SimulationOptions(RecordTrace: true));
        int width = Enumerable.Range(0, plan.Problem.DeviceCount).Max(device => plan.Problem.DeviceName(device).Length);
        output.WriteLine($"One round of {Seconds(round.RoundSeconds)} as simulated (# compute, = transfer, @ server, . idle or waiting):");
        ILookup<int, TraceEntry> entries = round.Trace.ToLookup(entry => entry.Device);
        for (int device = 0; device < plan.Problem.DeviceCount; device++)
        {
            char[] bar = new string('.', BarWidth).ToCharArray();
            foreach (TraceEntry entry in entries[device])
            {
                int from = (int)Math.Round(BarWidth * entry.Start / round.RoundSeconds);
                int to = (int)Math.Round(BarWidth * entry.End / round.RoundSeconds);
                bar.AsSpan(from..Math.Min(BarWidth, to)).Fill(entry.Kind switch
                {
                    StageKind.Device => '#',
                    StageKind.Transfer => '=',
                    _ => '@',
                });
            }

            output.WriteLine($"{plan.Problem.DeviceName(device).PadRight(width)} |{new string(bar)}|");
        }
    }
}
