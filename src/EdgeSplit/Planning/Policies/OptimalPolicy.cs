using EdgeSplit.Planning.Optimization;

namespace EdgeSplit.Planning.Policies;

/// <summary>
/// The best plan, with a certificate. One reserved resource: the exact root of one falling function. Several: the bound by
/// prices, the cheapest cuts at them, local search, and for small fleets branch and bound until the gap is closed.
/// </summary>
public sealed class OptimalPolicy : IPlanPolicy
{
    /// <summary>The part of the time for planning by which the first bound ends, so that a plan is found too.</summary>
    private const double BoundsPartOfTime = 0.5;

    public string Name => "optimal";

    public Decision Decide(Problem problem, PlanningTime time)
    {
        Offers offers = Offers.Of(problem);
        PriceSearch search = new(offers, Planner.BoundTolerance, time, part: BoundsPartOfTime);
        PriceBound bound = search.Run();
        int[] choice = search.CheapestAt(bound);
        Allocation allocation = ShareAllocation.Equalise(problem, offers, choice, time, bound.Seconds);
        if (offers.IsSingle || offers.Count == 0)
            return Decision.Of(allocation, bound.Seconds);
        return new CutSearch(problem, offers, bound, time).From(choice, allocation);
    }
}
