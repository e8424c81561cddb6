using EdgeSplit.Planning.Policies;

namespace EdgeSplit.Planning.Optimization;

/// <summary>Looks for better cuts where prices leave a gap: local search, then branch and bound.</summary>
internal sealed class CutSearch
{
    /// <summary>The gap at which a large fleet's search ends: just within what is certified.</summary>
    private const double Enough = 0.9 * Plan.CertifiedGap;
    private const int LargestUniformStart = 5_000;
    /// <summary>The part of the time for planning by which the search has its starts.</summary>
    private const double StartsPartOfTime = 0.75;
    private const int SmallFleet = 24;
    private const int LargestBranched = 20_000;

    private readonly Problem problem;
    private readonly Offers offers;
    private readonly PriceBound bound;
    private readonly PricePool pool;
    private readonly PlanningTime time;
    private int[] choice = [];
    private Allocation best = null!;

    public CutSearch(Problem problem, Offers offers, PriceBound bound, PlanningTime time)
    {
        this.time = time;
        this.problem = problem;
        this.offers = offers;
        this.bound = bound;
        pool = new PricePool(bound.Prices);
    }

    public double BestSeconds => best.RoundSeconds;

    /// <summary>The best plan found, and the best bound.</summary>
    public Decision From(int[] startChoice, Allocation start)
    {
        choice = startChoice;
        best = start;
        if (IsOpen)
            TryOptions(EdgeSplitPolicy.Alternate(problem, offers, time, StartsPartOfTime));
        if (IsOpen && problem.DeviceCount <= LargestUniformStart && new UniformPolicy().Decide(problem, time).Allocation is { } uniform)
            TryOptions(uniform);
        if (IsOpen)
            new LocalSearch(offers, pool, this, time).Run(choice);
        double lowerBound = bound.Seconds;
        bool isOpen = offers.DeviceCount <= SmallFleet ? BestSeconds > bound.Seconds * (1 + BranchAndBound.Margin) : IsOpen;
        if (isOpen && offers.DeviceCount <= LargestBranched && offers.Count <= PriceSearch.MostInRegion)
            lowerBound = Math.Max(lowerBound, new BranchAndBound(offers, pool, this, time).Run());
        return Decision.Of(best, lowerBound);
    }

    public bool IsOpen => BestSeconds - bound.Seconds > Enough * BestSeconds;

    public ReadOnlySpan<int> Choice => choice;

    /// <summary>Solves a choice of offers; keeps it if it is better. Returns what prices, by all offers' resources, prove of it.</summary>
    public PriceBound Try(ReadOnlySpan<int> candidate)
    {
        Allocation allocation = ShareAllocation.Equalise(problem, offers, candidate, time, BestSeconds, out PriceBound proof);
        if (allocation.RoundSeconds < BestSeconds)
        {
            best = allocation;
            choice = candidate.ToArray();
        }

        return new PriceBound(proof.Seconds, PricesOf(candidate, proof, allocation));
    }

    /// <summary>The proof's prices in the order of all offers' resources; the busiest work-conserving one where that decides.</summary>
    private double[] PricesOf(ReadOnlySpan<int> candidate, PriceBound proof, Allocation allocation)
    {
        double[] prices = new double[offers.Count];
        for (int resource = offers.Reserved; resource < offers.Count; resource++)
        {
            double work = 0;
            foreach (int offer in candidate)
                work += offers.Demand[resource][offer];
            if (work >= allocation.RoundSeconds * (1 - 1e-12))
            {
                prices[resource] = 1;
                return prices;
            }
        }

        int next = 0;
        for (int resource = 0; resource < offers.Reserved && next < proof.Prices.Length; resource++)
        {
            bool isUsed = false;
            foreach (int offer in candidate)
                isUsed |= offers.Demand[resource][offer] > 0;
            if (isUsed)
                prices[resource] = proof.Prices[next++];
        }

        return prices;
    }

    private void TryOptions(Allocation allocation)
    {
        if (allocation.RoundSeconds >= BestSeconds)
            return;
        best = allocation;
        choice = new int[offers.DeviceCount];
        for (int device = 0; device < choice.Length; device++)
            choice[device] = OfferFor(device, allocation.Options[device]);
    }

    /// <summary>The offer of a problem's option, or one that dominates it.</summary>
    private int OfferFor(int device, int option)
    {
        for (int offer = offers.First[device]; offer < offers.First[device + 1]; offer++)
        {
            int other = offers.Option[offer];
            bool dominates = problem.FixedSeconds(other) <= problem.FixedSeconds(option);
            foreach (int resource in offers.Resources)
                dominates &= problem.Demand(other, resource) <= problem.Demand(option, resource);
            if (dominates)
                return offer;
        }

        throw new InvalidOperationException("an option is dominated by none and yet not among the offers");
    }
}
