using EdgeSplit.Planning;
using EdgeSplit.Planning.Policies;

namespace EdgeSplit.Tests.Planning;

public class OptimalityTests
{
    private static readonly string[] Policies = ["edgesplit", "optimal", "uniform", "equal-shares", "fixed:1", "full-local", "random:5"];

    [Fact]
    public void Every_plan_holds_and_none_beats_the_optimal()
    {
        for (ulong seed = 0; seed < 1000; seed++)
        {
            int reserved = (int)(seed / 7 % 4);
            int conserving = reserved < 3 ? (int)(seed / 28 % 2) : 0;
            Problem problem = RandomProblem.Of(seed, 1 + (int)(seed % 7), 4, reserved, conserving).ToProblem();
            double optimal = Decide(problem, "optimal").RoundSeconds;
            foreach (string policy in Policies)
            {
                Plan plan = Decide(problem, policy);
                Assert.True(PlanChecker.Check(plan).Count == 0, $"seed {seed}, {policy}: {string.Join("; ", PlanChecker.Check(plan))}");
                Assert.True(optimal <= plan.RoundSeconds * (1 + 1e-9), $"seed {seed}: {policy} {plan.RoundSeconds} < {optimal}");
            }
        }
    }

    [Fact]
    public void With_one_resource_the_optimal_plan_is_brute_forces()
    {
        for (ulong seed = 0; seed < 1000; seed++)
        {
            RandomProblem problem = RandomProblem.Of(seed, 1 + (int)(seed % 4), 3 + (int)(seed % 2), 1);
            Plan plan = Decide(problem.ToProblem(), "optimal");
            Assert.Equal(PlanStatus.Optimal, plan.Status);
            Close(seed, BruteForce.SingleOptimum(problem), plan.RoundSeconds, 1e-9);
        }
    }

    [Fact]
    public void With_one_resource_and_no_zero_demand_the_alternating_algorithm_is_optimal()
    {
        for (ulong seed = 0; seed < 2000; seed++)
        {
            Problem problem = RandomProblem.Of(seed, 1 + (int)(seed % 40), 1 + (int)(seed % 20), 1, isPlain: true).ToProblem();
            Close(seed, Decide(problem, "optimal").RoundSeconds, Decide(problem, "edgesplit").RoundSeconds, 1e-9);
        }
    }

    [Theory]
    [InlineData(2, 0, 150, 4, 4)]
    [InlineData(1, 1, 300, 4, 4)]
    [InlineData(2, 1, 80, 4, 4)]
    [InlineData(3, 0, 20, 3, 3)]
    [InlineData(2, 0, 3, 5, 5)]
    public void With_several_resources_no_cut_vector_beats_the_optimal_plan(int reserved, int conserving, int seeds, int devices, int cuts)
    {
        for (ulong seed = 0; seed < (ulong)seeds; seed++)
        {
            RandomProblem problem = RandomProblem.Of(seed, 1 + (int)(seed % (ulong)devices), cuts, reserved, conserving);
            Plan plan = Decide(problem.ToProblem(), "optimal");
            Assert.True(plan.Status == PlanStatus.Optimal, $"seed {seed}: gap {plan.Gap}");
            Assert.False(plan.RoundSeconds > 0 && BruteForce.CanEndWithin(problem, plan.RoundSeconds * (1 - 1e-6)), $"seed {seed}: {plan.RoundSeconds}");
        }
    }

    [Theory]
    [InlineData(8, 2, 0, 30, 1e-6)]
    [InlineData(8, 1, 1, 30, 1e-6)]
    [InlineData(50, 2, 0, 12, 1e-4)]
    [InlineData(75, 2, 0, 6, 1e-4)]
    [InlineData(200, 2, 0, 3, 1e-4)]
    public void The_gap_is_closed(int devices, int reserved, int conserving, int seeds, double gap)
    {
        for (ulong seed = 0; seed < (ulong)seeds; seed++)
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
