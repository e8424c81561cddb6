namespace EdgeSplit.Planning;

/// <summary>What people are told of how a plan came about.</summary>
public static class PlanningWords
{
    /// <summary>That a plan is the best by its time limit, in a sentence without its stop.</summary>
    public static string OfTimeLimit(TimeSpan limit) => FormattableString.Invariant(
        $"planning met its time limit of {limit.TotalSeconds:0.######} s: this is the best plan by then, and another machine may find another");
}
