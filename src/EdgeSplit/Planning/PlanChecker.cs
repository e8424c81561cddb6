namespace EdgeSplit.Planning;

/// <summary>
/// Judges a plan by the definition alone, sharing nothing with the code that makes plans: every cut offered, every share within
/// its cap, shares within capacities, every time and the round's what they are claimed to be.
/// </summary>
public static class PlanChecker
{
    /// <summary>Relative rounding allowed.</summary>
    public const double Tolerance = 1e-9;

    /// <summary>Everything wrong with the plan; empty for a plan that holds, and for one that says there is none.</summary>
    public static IReadOnlyList<string> Check(Plan plan)
    {
        if (plan.Status == PlanStatus.Infeasible)
            return [];
        List<string> wrong = [];
        Problem problem = plan.Problem;
        double round = 0;
        double[] used = new double[problem.Resources.Length];
        for (int device = 0; device < problem.DeviceCount; device++)
        {
            int option = problem.FindOption(device, plan.Cut(device));
            if (option != plan.Option(device))
                wrong.Add($"{problem.DeviceName(device)}: its option is not its cut {plan.Cut(device)}");
            if (problem.CutMemoryBytes(option) > problem.MemoryBytes(device))
                wrong.Add($"{problem.DeviceName(device)}: cut {plan.Cut(device)} does not fit its memory");
            double seconds = problem.FixedSeconds(option);
            for (int resource = 0; resource < used.Length; resource++)
            {
                double demand = problem.Demand(option, resource);
                bool isReserved = problem.Resources[resource].Sharing == Sharing.Reserved;
                double share = plan.Share(device, resource);
                used[resource] += isReserved ? share : demand;
                if (isReserved && demand > 0)
                    seconds += demand / share;
                if (!(share >= 0) || share > problem.Cap(device, resource) * (1 + Tolerance))
                    wrong.Add($"{problem.DeviceName(device)}: share {share} of {problem.Resources[resource].Name} breaks its cap");
            }

            if (!IsClose(seconds, plan.DeviceSeconds(device)))
                wrong.Add($"{problem.DeviceName(device)}: takes {seconds} s, not {plan.DeviceSeconds(device)}");
            round = Math.Max(round, seconds);
        }

        for (int resource = 0; resource < used.Length; resource++)
        {
            double capacity = problem.Resources[resource].Capacity;
            if (problem.Resources[resource].Sharing == Sharing.WorkConserving)
                round = Math.Max(round, used[resource] / capacity);
            else if (used[resource] > capacity * (1 + Tolerance))
                wrong.Add($"{problem.Resources[resource].Name}: shares add up to {used[resource]} of {capacity}");
        }

        if (!IsClose(round, plan.RoundSeconds))
            wrong.Add($"the round takes {round} s, not {plan.RoundSeconds}");
        if (plan.LowerBoundSeconds > plan.RoundSeconds)
            wrong.Add($"the round of {plan.RoundSeconds} s is below its lower bound {plan.LowerBoundSeconds}");
        if (plan.Status == PlanStatus.Optimal && plan.Gap > Plan.CertifiedGap)
            wrong.Add($"called optimal with a gap of {plan.Gap}");
        return wrong;
    }

    private static bool IsClose(double one, double other) => Math.Abs(one - other) <= Tolerance * Math.Max(Math.Abs(one), Math.Abs(other));
}
