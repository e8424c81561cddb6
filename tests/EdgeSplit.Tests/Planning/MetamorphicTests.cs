using EdgeSplit.Planning;
using EdgeSplit.Planning.Policies;

namespace EdgeSplit.Tests.Planning;

/// <summary>How the round changes with the problem: for <c>optimal</c>, and for <c>edgesplit</c> where that is exact.</summary>
public class MetamorphicTests
{
    private const double Tolerance = 1e-8;

    private delegate double Round(RandomProblem problem);

    [Fact]
    public void More_of_anything_never_lengthens_the_round() => ForEach((problem, seconds, round) =>
    {
        for (int resource = 0; resource < problem.Resources.Count; resource++)
        {
            int larger = resource;
            AtMost(seconds, round(problem with { Resources = [.. problem.Resources.Select((r, i) => i == larger ? r with { Capacity = 1.3 * r.Capacity } : r)] }));
        }

        AtMost(seconds, round(Change(problem, device => device with { Memory = 2 * device.Memory })));
        AtMost(seconds, round(Change(problem, device => device with { Caps = [.. device.Caps.Select(cap => 1.5 * cap)] })));
        AtMost(seconds, round(Change(problem, device => device with { Cuts = [.. device.Cuts, new RandomCut(99, 3, 0, [.. device.Caps.Select(_ => 2.5)])] })));
    });

    [Fact]
    public void A_faster_server_never_lengthens_the_round() => ForEach((problem, seconds, round) =>
        AtMost(seconds, round(ChangeCuts(problem, cut => cut with
        {
            Seconds = cut.Seconds * (1 - (0.4 / cut.Number)),
            Demand = [.. cut.Demand.Select((demand, resource) => problem.Resources[resource].Sharing == Sharing.Reserved ? demand : 0.6 * demand)],
        }))));

    [Fact]
    public void A_lower_latency_never_lengthens_the_round() => ForEach((problem, seconds, round) =>
    {
        AtMost(seconds, round(ChangeCuts(problem, cut => cut with { Seconds = Math.Max(0, cut.Seconds - 0.25) })));
        RandomProblem one = problem with
        {
            Devices = [problem.Devices[0] with { Cuts = [.. problem.Devices[0].Cuts.Select(cut => cut with { Seconds = cut.Seconds / 2 })] }, .. problem.Devices.Skip(1)],
        };
        AtMost(seconds, round(one));
    });

    [Fact]
    public void One_more_device_never_shortens_the_round() => ForEach((problem, seconds, round) =>
    {
        AtMost(round(problem with { Devices = [.. problem.Devices, problem.Devices[0]] }), seconds);
        RandomDevice other = new(double.PositiveInfinity, [.. problem.Resources.Select(_ => double.PositiveInfinity)], [new RandomCut(1, 0.5, 0, [.. problem.Resources.Select(_ => 0.7)])]);
        AtMost(round(problem with { Devices = [other, .. problem.Devices] }), seconds);
    });

    [Fact]
    public void Scaling_demand_and_capacity_together_changes_nothing() => ForEach((problem, seconds, round) =>
        Same(seconds, round(Change(problem, device => device with
        {
            Caps = [.. device.Caps.Select(cap => 1e6 * cap)],
            Cuts = [.. device.Cuts.Select(cut => cut with { Demand = [.. cut.Demand.Select(demand => 1e6 * demand)] })],
        }) with
        {
            Resources = [.. problem.Resources.Select(resource => resource with { Capacity = 1e6 * resource.Capacity })],
        })));

    [Fact]
    public void Scaling_seconds_and_demand_scales_the_round() => ForEach((problem, seconds, round) =>
        Same(1e-4 * seconds, round(ChangeCuts(problem, cut => cut with
        {
            Seconds = 1e-4 * cut.Seconds,
            Demand = [.. cut.Demand.Select(demand => 1e-4 * demand)],
        }))));

    [Fact]
    public void A_dominated_cut_changes_nothing() => ForEach((problem, seconds, round) =>
        Same(seconds, round(Change(problem, device => device with
        {
            Cuts = [new RandomCut(50, device.Cuts[^1].Seconds + 1, device.Cuts[^1].Memory, [.. device.Cuts[^1].Demand.Select(demand => demand + 1)]), .. device.Cuts],
        }))));

    [Fact]
    public void With_one_resource_doubling_the_fleet_and_the_capacity_changes_nothing()
    {
        foreach (ulong seed in Seeds.First(300))
        {
            RandomProblem problem = CappedByCapacity(RandomProblem.Of(seed, 1 + (int)(seed % 6), 4, 1, isPlain: seed % 2 == 0));
            Same(Optimal(problem), Optimal(Doubled(problem)));
            if (seed % 2 == 0)
                Same(Alternating(problem), Alternating(Doubled(problem)));
        }
    }

    /// <summary>Twins may split what one device cannot, so that the round may be shorter; what prices prove stays.</summary>
    [Fact]
    public void With_several_resources_doubling_the_fleet_and_the_capacity_leaves_the_bound_and_never_lengthens_the_round()
    {
        foreach (ulong seed in Seeds.First(300))
        {
            RandomProblem problem = CappedByCapacity(RandomProblem.Of(seed, 1 + (int)(seed % 3), 4, 1 + (int)(seed % 3), seed % 3 == 0 ? 1 : (int)(seed / 3 % 2)));
            AtMost(Optimal(problem), Optimal(Doubled(problem)));
            Same(Bound(problem), Bound(Doubled(problem)));
        }

        static double Bound(RandomProblem problem) => Planner.Decide(problem.ToProblem(), new EdgeSplitPolicy()).LowerBoundSeconds;
    }

    private static void ForEach(Action<RandomProblem, double, Round> check)
    {
        foreach (ulong seed in Seeds.First(250))
        {
            RandomProblem problem = RandomProblem.Of(seed, 1 + (int)(seed % 4), 4, 1 + (int)(seed % 3), (int)(seed / 3 % 2));
            check(problem, Optimal(problem), Optimal);
            RandomProblem plain = RandomProblem.Of(seed, 1 + (int)(seed % 7), 6, 1, isPlain: true);
            check(plain, Alternating(plain), Alternating);
        }
    }

    private static RandomProblem Doubled(RandomProblem problem) => new(
        [.. problem.Resources.Select(resource => resource with { Capacity = 2 * resource.Capacity })], [.. problem.Devices, .. problem.Devices]);

    /// <summary>The same problem with the capacity as every device's cap, so that more capacity gives no single device more.</summary>
    private static RandomProblem CappedByCapacity(RandomProblem problem) => Change(problem, device => device with
    {
        Caps = [.. device.Caps.Select((cap, resource) =>
            problem.Resources[resource].Sharing == Sharing.Reserved ? Math.Min(cap, problem.Resources[resource].Capacity) : cap)],
    });

    private static RandomProblem Change(RandomProblem problem, Func<RandomDevice, RandomDevice> change) =>
        problem with { Devices = [.. problem.Devices.Select(change)] };

    private static RandomProblem ChangeCuts(RandomProblem problem, Func<RandomCut, RandomCut> change) =>
        Change(problem, device => device with { Cuts = [.. device.Cuts.Select(change)] });

    private static double Optimal(RandomProblem problem) => Seconds(problem, new OptimalPolicy());

    private static double Alternating(RandomProblem problem) => Seconds(problem, new EdgeSplitPolicy());

    private static double Seconds(RandomProblem problem, IPlanPolicy policy)
    {
        Plan plan = Planner.Decide(problem.ToProblem(), policy);
        Assert.Empty(PlanChecker.Check(plan));
        return plan.RoundSeconds;
    }

    private static void AtMost(double seconds, double changed) =>
        Assert.True(changed <= seconds * (1 + Tolerance), $"{seconds:R} became {changed:R}");

    private static void Same(double seconds, double changed) =>
        Assert.True(Math.Abs(seconds - changed) <= Tolerance * seconds, $"{seconds:R} became {changed:R}");
}
