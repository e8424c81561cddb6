using EdgeSplit.Planning;
using EdgeSplit.Planning.Policies;

namespace EdgeSplit.Tests.Planning;

public class MetamorphicTests
{
    private const double Tolerance = 1e-8;

    [Fact]
    public void More_of_anything_never_lengthens_the_round() => ForEach((problem, seconds) =>
    {
        AtMost(seconds, problem with { Resources = [.. problem.Resources.Select((r, i) => i == 0 ? r with { Capacity = 1.3 * r.Capacity } : r)] });
        AtMost(seconds, problem with { Resources = [.. problem.Resources.Select((r, i) => i == problem.Resources.Count - 1 ? r with { Capacity = 2 * r.Capacity } : r)] });
        AtMost(seconds, Change(problem, device => device with { Memory = 2 * device.Memory }));
        AtMost(seconds, Change(problem, device => device with { Caps = [.. device.Caps.Select(cap => 1.5 * cap)] }));
        AtMost(seconds, Change(problem, device => device with { Cuts = [.. device.Cuts, new RandomCut(99, 3, 0, [.. device.Caps.Select(_ => 2.5)])] }));
    });

    [Fact]
    public void One_more_device_never_shortens_the_round() => ForEach((problem, seconds) =>
        Assert.True(Seconds(problem with { Devices = [.. problem.Devices, problem.Devices[0]] }) >= seconds * (1 - Tolerance)));

    [Fact]
    public void Scaling_demand_and_capacity_together_changes_nothing() => ForEach((problem, seconds) =>
        Same(seconds, Change(problem, device => device with
        {
            Caps = [.. device.Caps.Select(cap => 1e6 * cap)],
            Cuts = [.. device.Cuts.Select(cut => cut with { Demand = [.. cut.Demand.Select(demand => 1e6 * demand)] })],
        }) with
        {
            Resources = [.. problem.Resources.Select(resource => resource with { Capacity = 1e6 * resource.Capacity })],
        }));

    [Fact]
    public void Scaling_seconds_and_demand_scales_the_round() => ForEach((problem, seconds) =>
        Same(1e-4 * seconds, Change(problem, device => device with
        {
            Cuts = [.. device.Cuts.Select(cut => cut with { Seconds = 1e-4 * cut.Seconds, Demand = [.. cut.Demand.Select(demand => 1e-4 * demand)] })],
        })));

    [Fact]
    public void A_dominated_cut_changes_nothing() => ForEach((problem, seconds) =>
        Same(seconds, Change(problem, device => device with
        {
            Cuts = [new RandomCut(50, device.Cuts[^1].Seconds + 1, device.Cuts[^1].Memory, [.. device.Cuts[^1].Demand.Select(demand => demand + 1)]), .. device.Cuts],
        })));

    [Fact]
    public void With_one_resource_doubling_the_fleet_and_the_capacity_changes_nothing()
    {
        for (ulong seed = 0; seed < 300; seed++)
        {
            RandomProblem problem = RandomProblem.Of(seed, 1 + (int)(seed % 6), 4, 1);
            double least = problem.Resources[0].Capacity;
            problem = Change(problem, device => device with { Caps = [Math.Min(least, device.Caps[0])] });
            Same(Seconds(problem), problem with
            {
                Devices = [.. problem.Devices, .. problem.Devices],
                Resources = [problem.Resources[0] with { Capacity = 2 * least }],
            });
        }
    }

    private static void ForEach(Action<RandomProblem, double> check)
    {
        for (ulong seed = 0; seed < 200; seed++)
        {
            RandomProblem problem = RandomProblem.Of(seed, 1 + (int)(seed % 4), 4, 1 + (int)(seed % 2), (int)(seed / 2 % 2));
            check(problem, Seconds(problem));
        }
    }

    private static RandomProblem Change(RandomProblem problem, Func<RandomDevice, RandomDevice> change) =>
        problem with { Devices = [.. problem.Devices.Select(change)] };

    private static double Seconds(RandomProblem problem)
    {
        Plan plan = Planner.Decide(problem.ToProblem(), new OptimalPolicy());
        Assert.Empty(PlanChecker.Check(plan));
        return plan.RoundSeconds;
    }

    private static void AtMost(double seconds, RandomProblem problem) => Assert.True(Seconds(problem) <= seconds * (1 + Tolerance));

    private static void Same(double seconds, RandomProblem problem)
    {
        double other = Seconds(problem);
        Assert.True(Math.Abs(seconds - other) <= Tolerance * seconds, $"{seconds:R} became {other:R}");
    }
}
