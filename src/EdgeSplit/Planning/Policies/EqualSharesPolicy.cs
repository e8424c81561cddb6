using EdgeSplit.Planning.Optimization;

namespace EdgeSplit.Planning.Policies;

/// <summary>Every device has 1/N of every reserved resource, or its cap, and takes its best cut with that.</summary>
public sealed class EqualSharesPolicy : IPlanPolicy
{
    public string Name => "equal-shares";

    public Decision Decide(Problem problem, PlanningTime time)
    {
        double[]?[] shares = ShareAllocation.EqualShares(problem);
        return Decision.Of(ShareAllocation.Timed(problem, BestCuts(problem, shares), shares));
    }

    /// <summary>Each device's fastest option at its shares; of equal ones the first.</summary>
    private static int[] BestCuts(Problem problem, double[]?[] shares)
    {
        int[] options = new int[problem.DeviceCount];
        for (int device = 0; device < options.Length; device++)
        {
            int best = -1;
            double least = double.PositiveInfinity;
            for (int option = problem.FirstOption(device); option < problem.FirstOption(device + 1); option++)
            {
                if (!problem.IsOffered(device, option))
                    continue;
                double seconds = ShareAllocation.Seconds(problem, device, option, shares);
                if (best < 0 || seconds < least)
                {
                    best = option;
                    least = seconds;
                }
            }

            options[device] = best;
        }

        return options;
    }
}
