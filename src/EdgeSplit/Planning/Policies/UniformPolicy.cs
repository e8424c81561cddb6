namespace EdgeSplit.Planning.Policies;

/// <summary>The best single cut for all devices, with the best shares: the strongest plan with a common cut.</summary>
public sealed class UniformPolicy : IPlanPolicy
{
    public string Name => "uniform";

    public Decision Decide(Problem problem, PlanningTime time)
    {
        Allocation? best = null;
        (int Cut, int Without)? closest = null;
        foreach ((int cut, int offering) in Offering(problem))
        {
            int without = problem.DeviceCount - offering;
            if (closest is null || without < closest.Value.Without)
                closest = (cut, without);
            if (without > 0 || (best is not null && time.IsOver()))
                continue;
            Allocation next = GivenCutsPolicy.Allocate(problem, _ => cut, time);
            if (best is null || next.RoundSeconds < best.RoundSeconds)
                best = next;
        }

        return best is not null ? Decision.Of(best) : Decision.None([.. GivenCutsPolicy.Without(problem, _ => closest!.Value.Cut)
            .Select(device => device with { Reason = $"no cut is offered by every device; of the closest, {device.Reason}" })]);
    }

    /// <summary>Every cut with the number of devices that offer it, by cut.</summary>
    private static SortedDictionary<int, int> Offering(Problem problem)
    {
        SortedDictionary<int, int> offering = [];
        for (int device = 0; device < problem.DeviceCount; device++)
        {
            for (int option = problem.FirstOption(device); option < problem.FirstOption(device + 1); option++)
            {
                int cut = problem.Cut(option);
                offering[cut] = offering.GetValueOrDefault(cut) + (problem.IsOffered(device, option) ? 1 : 0);
            }
        }

        return offering;
    }
}
