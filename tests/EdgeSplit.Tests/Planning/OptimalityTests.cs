using EdgeSplit.Planning;
using EdgeSplit.Planning.Policies;

namespace EdgeSplit.Tests.Planning;

public class OptimalityTests
{
    private static readonly string[] Policies = ["edgesplit", "optimal", "uniform", "equal-shares", "fixed:1", "full-local", "random:5"];

    [Fact]
    public void Every_plan_holds_and_none_beats_the_optimal()
    {
        foreach (ulong seed in Seeds.First(1000))
        {
            int reserved = (int)(seed / 7 % 5);
            int conserving = reserved < 4 ? (int)(seed / 35 % 2) : 0;
            Problem problem = RandomProblem.Of(seed, 1 + (int)(seed % 7), 4, reserved, conserving).ToProblem();
            double optimal = Decide(problem, "optimal").RoundSeconds;
            foreach (string policy in Policies)
            {
                Plan plan = Decide(problem, policy);
                Assert.True(PlanChecker.Check(plan).Count == 0, $"seed {seed}, {policy}: {string.Join("; ", PlanChecker.Check(plan))}");
                if (plan.Status == PlanStatus.Infeasible)
                    continue;
                Assert.True(plan.LowerBoundSeconds <= optimal * (1 + 1e-9), $"seed {seed}: bound {plan.LowerBoundSeconds} > {optimal}");
                Assert.True(optimal <= plan.RoundSeconds * (1 + 1e-9), $"seed {seed}: {policy} {plan.RoundSeconds} < {optimal}");
            }
        }
    }

    [Fact]
    public void With_one_resource_the_optimal_plan_is_brute_forces()
    {
        foreach (ulong seed in Seeds.First(2000))
        {
            RandomProblem problem = RandomProblem.Of(seed, 1 + (int)(seed % 5), 3 + (int)(seed % 3), 1);
            Plan plan = Decide(problem.ToProblem(), "optimal");
            Assert.Equal(PlanStatus.Optimal, plan.Status);
            Close(seed, BruteForce.SingleOptimum(problem), plan.RoundSeconds, 1e-9);
        }
    }

    [Fact]
    public void With_one_resource_and_no_zero_demand_the_alternating_algorithm_is_brute_forces()
    {
        foreach (ulong seed in Seeds.First(500))
        {
            RandomProblem problem = RandomProblem.Of(seed, 1 + (int)(seed % 5), 3 + (int)(seed % 3), 1, isPlain: true);
            Close(seed, BruteForce.SingleOptimum(problem), Decide(problem.ToProblem(), "edgesplit").RoundSeconds, 1e-9);
        }
    }

    [Fact]
    public void With_one_resource_and_no_zero_demand_the_alternating_algorithm_is_optimal()
    {
        foreach (ulong seed in Seeds.First(3000))
        {
            Problem problem = RandomProblem.Of(seed, 1 + (int)(seed % 40), 1 + (int)(seed % 20), 1, isPlain: true).ToProblem();
            Close(seed, Decide(problem, "optimal").RoundSeconds, Decide(problem, "edgesplit").RoundSeconds, 1e-9);
        }
    }

    [Theory]
    [InlineData(2, 0, 600)]
    [InlineData(1, 1, 600)]
    [InlineData(2, 1, 400)]
    [InlineData(0, 1, 200)]
    [InlineData(0, 2, 200)]
    [InlineData(1, 2, 200)]
    [InlineData(3, 0, 200)]
    public void With_several_resources_the_optimal_plan_is_brute_forces(int reserved, int conserving, int seeds)
    {
        foreach (ulong seed in Seeds.First(seeds))
        {
            RandomProblem problem = RandomProblem.Of(seed, 1 + (int)(seed % 5), 5, reserved, conserving, isPlain: seed % 6 == 5);
            Plan plan = Decide(problem.ToProblem(), "optimal");
            Assert.True(plan.Status == PlanStatus.Optimal, $"seed {seed}: gap {plan.Gap}");
            Assert.False(plan.RoundSeconds > 0 && BruteForce.CanEndWithin(problem, plan.RoundSeconds * (1 - 1e-6)), $"seed {seed}: {plan.RoundSeconds}");
            Assert.True(BruteForce.CanEndWithin(problem, plan.RoundSeconds * (1 + 1e-6)), $"seed {seed}: {plan.RoundSeconds}");
        }
    }

    [Theory]
    [InlineData(8, 2, 0, 200, 1e-6)]
    [InlineData(8, 1, 1, 100, 1e-6)]
    [InlineData(8, 2, 1, 150, 1e-6)]
    [InlineData(8, 3, 0, 40, 1e-6)]
    [InlineData(8, 3, 1, 30, 1e-6)]
    [InlineData(8, 4, 0, 20, 1e-6)]
    [InlineData(16, 2, 1, 20, 1e-6)]
    [InlineData(24, 2, 0, 20, 1e-6)]
    [InlineData(50, 2, 0, 20, 1e-5)]
    [InlineData(50, 2, 1, 12, 1e-5)]
    [InlineData(50, 3, 1, 6, 1e-5)]
    [InlineData(50, 4, 0, 6, 1e-5)]
    [InlineData(200, 2, 1, 3, 1e-5)]
    public void The_gap_is_closed(int devices, int reserved, int conserving, int seeds, double gap)
    {
        foreach (ulong seed in Seeds.First(seeds))
        {
            Plan plan = Decide(RandomProblem.Of(seed, devices, 20, reserved, conserving, isPlain: seed % 2 == 0).ToProblem(), "optimal");
            Assert.Empty(PlanChecker.Check(plan));
            Assert.True(plan.Gap <= gap, $"seed {seed}: gap {plan.Gap}");
        }
    }

    private static Plan Decide(Problem problem, string policy) => Planner.Decide(problem, PlanPolicies.Parse(policy));

    private static void Close(ulong seed, double expected, double actual, double tolerance) =>
        Assert.True(Math.Abs(expected - actual) <= (tolerance * expected) + 1e-15, $"seed {seed}: {expected:R} but {actual:R}");
}
