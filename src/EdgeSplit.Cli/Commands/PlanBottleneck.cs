using System.Globalization;
using EdgeSplit.Planning;

namespace EdgeSplit.Cli.Commands;

/// <summary>Says who ends a round and what bounds it: the device, the shared link, or the server.</summary>
internal static class PlanBottleneck
{
    public static string Describe(Plan plan)
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

        // Shares are there to let devices end together, so several usually do; one that no share could help is the one to name.
        int[] last = [.. Enumerable.Range(0, problem.DeviceCount).Where(device => plan.DeviceSeconds(device) >= plan.RoundSeconds * (1 - 1e-9))];
        int slow = Array.Find(last, device => problem.FastestSeconds(device, plan.Option(device)) >= plan.RoundSeconds * (1 - 1e-9));
        bool isOwn = problem.FastestSeconds(slow, plan.Option(slow)) >= plan.RoundSeconds * (1 - 1e-9);
        string named = problem.DeviceName(isOwn ? slow : last[0]);
        string who = last.Length == 1 ? $"{named} ends the round" : string.Create(CultureInfo.InvariantCulture, $"{named} and {last.Length - 1} more end the round together");
        return isOwn
            ? $"{who}. What bounds it: {named} itself, its compute and its own link."
            : $"{who}. What bounds it: the shares of {SharedResource(plan, last[0])}.";
    }

    private static string SharedResource(Plan plan, int device)
    {
        Problem problem = plan.Problem;
        IEnumerable<int> longest = Enumerable.Range(0, problem.Resources.Length)
            .Where(resource => plan.Share(device, resource) > 0)
            .OrderByDescending(resource => problem.Demand(plan.Option(device), resource) / plan.Share(device, resource));
        return string.Join(" and ", longest.Select(resource => $"'{problem.Resources[resource].Name}'").DefaultIfEmpty("nothing"));
    }
}
