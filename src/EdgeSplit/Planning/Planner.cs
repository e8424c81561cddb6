using EdgeSplit.Planning.Optimization;
using EdgeSplit.Planning.Policies;

namespace EdgeSplit.Planning;

/// <summary>Problem → policy → plan.</summary>
public static class Planner
{
    /// <summary>How closely a bound's prices are searched. The bound holds at any prices, so this costs sharpness only.</summary>
    internal const double BoundTolerance = 1e-10;

    /// <summary>The plan, with the problem's lower bound beside it, whatever the policy.</summary>
    /// <param name="problem">What is asked.</param>
    /// <param name="policy">Who decides.</param>
    /// <param name="time">How long it may take; null for as long as it takes.</param>
    /// <exception cref="OperationCanceledException">The plan was given up.</exception>
    public static Plan Decide(Problem problem, IPlanPolicy policy, PlanningTime? time = null)
    {
        time ??= PlanningTime.Unlimited;
        if (problem.InfeasibleDevices() is { Length: > 0 } infeasible)
            return new Plan(problem, policy.Name, infeasible);
        Decision decision = policy.Decide(problem, time);
        if (decision.Allocation is not { } allocation)
            return new Plan(problem, policy.Name, [.. decision.Infeasible]);
        double bound = decision.LowerBoundSeconds > 0 ? decision.LowerBoundSeconds : LowerBound(Offers.Of(problem), time);
        return new Plan(problem, policy.Name, allocation, bound) { TimeLimit = time.IsMet ? time.Limit : null };
    }

    /// <summary>The round time that no plan of a problem with these offers beats, by prices.</summary>
    /// <param name="offers">All that is offered.</param>
    /// <param name="time">How long it may take.</param>
    /// <param name="guess">About where it is, if that is known.</param>
    internal static double LowerBound(Offers offers, PlanningTime time, double guess = 0) =>
        new PriceSearch(offers, BoundTolerance, time, guess).Run().Seconds;
}
