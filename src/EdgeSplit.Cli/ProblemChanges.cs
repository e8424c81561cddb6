using EdgeSplit.Planning;
using EdgeSplit.Planning.Policies;

namespace EdgeSplit.Cli;

/// <summary>What could be changed about a problem in JSON, of which no more is known than its numbers.</summary>
internal static class ProblemChanges
{
    /// <summary>Resources of which twice as much is tried; of more, which one is scarce says little.</summary>
    private const int MostResources = 4;

    public static IEnumerable<PlanChange> Of(Problem problem, IPlanPolicy policy)
    {
        string[] slowest = [.. SlowestDevices.Of(problem).Select(problem.DeviceName)];
        if (slowest.Length > 0)
            yield return new PlanChange(SlowestDevices.Named(slowest), null, () => (problem.Without(slowest.ToHashSet()), policy));
        if (problem.Resources.Length > MostResources)
            yield break;
        foreach (Resource resource in problem.Resources)
            yield return new PlanChange($"twice '{resource.Name}'", null, () => (problem.WithTwice(resource.Name), policy));
    }
}
