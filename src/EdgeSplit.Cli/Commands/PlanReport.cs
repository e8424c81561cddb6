using System.Globalization;
using EdgeSplit.Planning;

namespace EdgeSplit.Cli.Commands;

/// <summary>Explains a plan to people.</summary>
internal static class PlanReport
{
    public static void Write(PlanningInput input, Plan plan, PlanningLimit limit, TextWriter output)
    {
        output.WriteLine($"Plan by the policy {plan.Policy} for {plan.Problem.DeviceCount} devices: a round takes {Seconds(plan.RoundSeconds)}.");
        output.WriteLine(plan.Status == PlanStatus.Optimal
            ? $"It is optimal: no plan takes less than {Seconds(plan.LowerBoundSeconds)} (gap {Gap(plan.Gap)})."
            : $"No plan takes less than {Seconds(plan.LowerBoundSeconds)}, so at most {Gap(plan.Gap)} could still be gained.");
        output.WriteLine(PlanBottleneck.Describe(plan));
        if (plan.TimeLimit is { } met)
            output.WriteLine($"{PlanningWords.OfTimeLimit(met)}.");
        foreach (string note in input.Notes)
            output.WriteLine(note);
        output.WriteLine();
        PlanAdvice.Write(input, plan, limit.Begin(), output);
        PlanDevices.Write(input, plan, output);
        output.WriteLine();
        PlanTimeline.Write(input, plan, output);
    }

    public static void WriteComparison(PlanningInput input, PlanningLimit limit, TextWriter output)
    {
        TextTable table = new(["policy", "status", "round", "bound", "gap", "slower than the best", "cuts"], textColumns: 2);
        List<Plan> plans = [.. input.Rivals.Append(input.Policy).DistinctBy(policy => policy.Name).Select(policy => Planner.Decide(input.Problem, policy, limit.Begin()))];
        double best = plans.Min(plan => plan.RoundSeconds);
        double bound = plans.Where(plan => plan.Status != PlanStatus.Infeasible).Select(plan => plan.LowerBoundSeconds).DefaultIfEmpty().Max();
        foreach (Plan plan in plans)
        {
            // The sharpest bound of all policies is every plan's, so a plan may be shown optimal by another's.
            double gap = Math.Max(0, 1 - (bound / plan.RoundSeconds));
            string status = PlanWriter.StatusName(
                plan.Status == PlanStatus.Infeasible ? plan.Status : gap <= Plan.CertifiedGap ? PlanStatus.Optimal : PlanStatus.Feasible);
            if (plan.Status == PlanStatus.Infeasible)
                table.Add(plan.Policy, status, "-", "-", "-", "-", "-");
            else
                table.Add(plan.Policy, status, Seconds(plan.RoundSeconds), Seconds(bound), Gap(gap), Slower(plan, best), Cuts(plan));
        }

        output.WriteLine();
        output.WriteLine("Every policy on this fleet:");
        table.Write(output);
    }

    /// <summary>Names the devices in the way of a plan.</summary>
    public static void WriteInfeasible(string policy, IEnumerable<InfeasibleDevice> infeasible, TextWriter output)
    {
        output.WriteLine($"No feasible plan by the policy {policy}:");
        foreach (InfeasibleDevice device in infeasible)
            output.WriteLine($"  {device.Device}: {device.Reason}");
    }

    public static string Seconds(double seconds) => ReadableTime.Of(seconds);

    private static string Gap(double gap) => (double.IsFinite(gap) ? 100 * gap : 0).ToString("0.####", CultureInfo.InvariantCulture) + " %";

    private static string Slower(Plan plan, double best) =>
        best > 0 ? (100 * ((plan.RoundSeconds / best) - 1)).ToString("0.0", CultureInfo.InvariantCulture) + " %" : "-";

    /// <summary>The cuts of a small fleet in its order, of a large one how often each.</summary>
    private static string Cuts(Plan plan)
    {
        const int Most = 12;
        int[] cuts = [.. Enumerable.Range(0, plan.Problem.DeviceCount).Select(plan.Cut)];
        IFormatProvider culture = CultureInfo.InvariantCulture;
        return cuts.Length <= Most
            ? string.Join(' ', cuts)
            : string.Join(' ', cuts.CountBy(cut => cut).OrderBy(entry => entry.Key).Take(Most).Select(entry => string.Create(culture, $"{entry.Key}x{entry.Value}")));
    }
}
