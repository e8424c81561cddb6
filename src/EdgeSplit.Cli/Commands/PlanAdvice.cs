using System.Globalization;
using EdgeSplit.Planning;
using EdgeSplit.Planning.Policies;

namespace EdgeSplit.Cli.Commands;

/// <summary>Says what would let rounds end sooner, each with its figure, which a plan of the changed problem gives.</summary>
internal static class PlanAdvice
{
    /// <summary>A round that is not shorter by this part is not worth a change.</summary>
    private const double LeastGain = 0.05;

    public static void Write(PlanningInput input, Plan plan, PlanningTime time, TextWriter output)
    {
        (PlanChange Change, double Seconds)[] worth = [.. Judged(input, plan, time).OrderBy(one => one.Seconds)];
        if (worth.Length == 0)
            return;
        output.WriteLine("What would help most:");
        TextTable table = new(["change", "a round", "of now"], textColumns: 1);
        foreach ((PlanChange change, double seconds) in worth)
        {
            table.Add(
                change.Price is null ? change.What : $"{change.What} ({change.Price})", PlanReport.Seconds(seconds),
                (100 * seconds / plan.RoundSeconds).ToString("0.#", CultureInfo.InvariantCulture) + " %");
        }

        table.Write(output);
        output.WriteLine();
    }

    private static IEnumerable<(PlanChange Change, double Seconds)> Judged(PlanningInput input, Plan plan, PlanningTime time)
    {
        foreach (PlanChange change in input.Changes())
        {
            // A plan that the limit cut short says nothing of what the change is worth.
            if (plan.TimeLimit is not null || time.IsMet)
                yield break;
            if (Try(change, time) is { } changed && changed.RoundSeconds <= (1 - LeastGain) * plan.RoundSeconds)
                yield return (change, changed.RoundSeconds);
        }
    }

    /// <summary>The plan with a change; null where it cannot be made, as where fewer devices cannot hold the partition.</summary>
    private static Plan? Try(PlanChange change, PlanningTime time)
    {
        try
        {
            (Problem problem, IPlanPolicy policy) = change.Make();
            return Planner.Decide(problem, policy, time);
        }
        catch (InvalidInputException)
        {
            return null;
        }
    }
}
