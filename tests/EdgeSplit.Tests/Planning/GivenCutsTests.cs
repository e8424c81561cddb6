using EdgeSplit.Planning;
using EdgeSplit.Planning.Policies;

namespace EdgeSplit.Tests.Planning;

public class GivenCutsTests
{
    [Fact]
    public void The_optimal_plans_cuts_given_back_end_with_the_optimal_round()
    {
        for (ulong seed = 0; seed < 100; seed++)
        {
            Problem problem = RandomProblem.Of(seed, 1 + (int)(seed % 5), 4, (int)(seed % 3), (int)(seed / 3 % 2)).ToProblem();
            Plan optimal = Planner.Decide(problem, new OptimalPolicy());
            Plan given = Planner.Decide(problem, new GivenCutsPolicy([.. Enumerable.Range(0, problem.DeviceCount).Select(optimal.Cut)]));
            Assert.Empty(PlanChecker.Check(given));
            Assert.Equal("file", given.Policy);
            Assert.Equal(optimal.RoundSeconds, given.RoundSeconds, 1e-9 * optimal.RoundSeconds);
        }
    }

    [Fact]
    public void A_common_cut_is_the_fixed_policys()
    {
        Problem problem = OracleTests.ProblemOf("three-devices");
        Assert.Equal(
            Planner.Decide(problem, new FixedCutPolicy(1)).RoundSeconds,
            Planner.Decide(problem, new GivenCutsPolicy([1, 1, 1])).RoundSeconds);
    }

    [Fact]
    public void Every_device_that_does_not_offer_its_cut_is_named_with_the_reason()
    {
        ProblemDraft draft = new([new Resource("b", 1)]);
        draft.AddDevice("small", 10);
        draft.AddCut(1, 1);
        draft.AddCut(2, 1, 11);
        draft.AddDevice("short");
        draft.AddCut(1, 1);
        draft.AddDevice("ready");
        draft.AddCut(2, 1);
        draft.AddDevice("unlinked");
        draft.SetCap(0, 0);
        draft.AddCut(1, 1);
        draft.AddCut(2, 1);
        draft.SetDemand(0, 1);
        Plan plan = Planner.Decide(draft.ToProblem(), new GivenCutsPolicy([2, 2, 2, 2]));
        Assert.Equal(PlanStatus.Infeasible, plan.Status);
        Assert.Equal(["small", "short", "unlinked"], plan.Infeasible.Select(device => device.Device));
        Assert.Contains("needs 11 bytes", plan.Infeasible[0].Reason, StringComparison.Ordinal);
        Assert.Contains("no cut 2", plan.Infeasible[1].Reason, StringComparison.Ordinal);
        Assert.Contains("would never end", plan.Infeasible[2].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Cuts_for_another_number_of_devices_are_refused()
    {
        Problem problem = OracleTests.ProblemOf("three-devices");
        Assert.Throws<InvalidInputException>(() => Planner.Decide(problem, new GivenCutsPolicy([1, 2])));
    }
}
