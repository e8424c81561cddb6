using EdgeSplit.Planning;
using EdgeSplit.Planning.Optimization;
using EdgeSplit.Planning.Policies;

namespace EdgeSplit.Tests.Planning;

public class TimeLimitTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("edgesplit", 40)]
    [InlineData("edgesplit", 3)]
    [InlineData("optimal", 40)]
    [InlineData("optimal", 3)]
    [InlineData("uniform", 40)]
    public void A_plan_that_meets_its_limit_holds_has_a_bound_and_says_so(string policy, int resources)
    {
        Problem problem = RandomProblem.Of(5, 12, 4, resources, isPlain: true).ToProblem();
        Plan limited = Planner.Decide(problem, PlanPolicies.Parse(policy), new PlanningTime(new HastyClock(Limit), Limit));
        Assert.Equal(Limit, limited.TimeLimit);
        Assert.Empty(PlanChecker.Check(limited));
        Plan whole = Planner.Decide(problem, PlanPolicies.Parse(policy));
        Assert.Null(whole.TimeLimit);
        Assert.InRange(limited.LowerBoundSeconds, 0, whole.RoundSeconds * (1 + 1e-12));
        Assert.True(limited.RoundSeconds >= whole.LowerBoundSeconds * (1 - 1e-9));
        Assert.True(limited.LowerBoundSeconds > 0);
    }

    [Fact]
    public void A_limit_that_is_not_met_changes_no_bit()
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            Problem problem = RandomProblem.Of(seed, 6, 4, 2, 1).ToProblem();
            Plan whole = Planner.Decide(problem, new OptimalPolicy());
            Plan within = Planner.Decide(problem, new OptimalPolicy(), new PlanningTime(TimeProvider.System, TimeSpan.FromHours(1)));
            Assert.Null(within.TimeLimit);
            Assert.Equal((whole.RoundSeconds, whole.LowerBoundSeconds), (within.RoundSeconds, within.LowerBoundSeconds));
        }
    }

    [Fact]
    public void A_plan_that_is_given_up_ends_in_its_middle()
    {
        using CancellationTokenSource givenUp = new();
        givenUp.Cancel();
        Problem problem = RandomProblem.Of(1, 12, 4, 40, isPlain: true).ToProblem();
        Assert.Throws<OperationCanceledException>(
            () => Planner.Decide(problem, new EdgeSplitPolicy(), new PlanningTime(TimeProvider.System, Limit, givenUp.Token)));
    }

    [Fact]
    public void Prices_that_climb_prove_nearly_what_a_region_does_and_never_more_than_there_is()
    {
        for (ulong seed = 0; seed < 30; seed++)
        {
            int resources = 2 + (int)(seed % 7);
            Problem problem = RandomProblem.Of(seed, 10, 4, resources, isPlain: seed % 2 == 0).ToProblem();
            if (!problem.InfeasibleDevices().IsEmpty || Offers.Of(problem) is not { Count: > 1 } offers)
                continue;
            double region = new PriceSearch(offers, Planner.BoundTolerance, PlanningTime.Unlimited).Run().Seconds;
            double climbed = new PriceSearch(offers, Planner.BoundTolerance, PlanningTime.Unlimited) { LargestRegion = 1 }.Run().Seconds;
            Assert.InRange(climbed, region * (1 - 0.05), region * (1 + 1e-9));
        }
    }

    [Fact]
    public void A_problem_is_bounded_before_it_takes_memory()
    {
        ProblemDraft many = new([.. Enumerable.Range(0, 1001).Select(index => new Resource($"r{index}", 1))]);
        Assert.Equal("resources: there are 1001 of them; list at most 1000", Assert.Single(many.Faults()).ToString());

        ProblemDraft draft = new([.. Enumerable.Range(0, 1000).Select(index => new Resource($"r{index}", 1))]);
        for (int device = 0; device < 10_001; device++)
        {
            Assert.False(draft.HasFaults);
            draft.AddDevice($"d{device}");
            for (int cut = 0; cut < 5; cut++)
                draft.AddCut(cut, 1);
        }

        Assert.Contains(draft.Faults(), fault => fault.ToString().EndsWith("resources times cuts of all devices may be 50000000 at most", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(5e-324)]
    [InlineData(1e-200)]
    [InlineData(1e200)]
    public void An_amount_beyond_what_can_be_divided_by_is_refused_with_the_range(double amount)
    {
        ProblemDraft draft = new([new Resource("link", amount)]);
        draft.AddDevice("d");
        draft.AddCut(1, amount);
        draft.SetDemand(0, amount);
        Assert.Equal(
            ["resources[0].capacity", "devices[0].cuts[0].fixedSeconds", "devices[0].cuts[0].demand.link"],
            draft.Faults().Select(fault => fault.Where));
        Assert.All(draft.Faults(), fault => Assert.EndsWith("from 1e-150 to 1e150", fault.Remedy, StringComparison.Ordinal));
    }

    /// <summary>Goes on by a step whenever it is looked at, so that a search meets its limit after some looks, on any machine.</summary>
    private sealed class HastyClock(TimeSpan limit) : TimeProvider
    {
        private long now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now += limit.Ticks / 4;
    }
}
