using System.Text.Json;
using EdgeSplit.Planning;
using EdgeSplit.Planning.Policies;
using EdgeSplit.Simulation;
using EdgeSplit.Tests.Planning;

namespace EdgeSplit.Tests.Simulation;

public class RoundSimulatorTests
{
    [Theory]
    [InlineData(ServerOrder.FirstCome, "fifo")]
    [InlineData(ServerOrder.LargestTailFirst, "schrage")]
    public void The_server_serves_in_its_order(ServerOrder order, string expected)
    {
        JsonElement oracle = Oracle();
        double[] Values(string name) => [.. oracle.GetProperty(name).EnumerateArray().Select(value => value.GetDouble())];
        double[] release = Values("release");
        double[] service = Values("service");
        double[] tail = Values("tail");
        ProblemDraft draft = new([new Resource("server", 1, Sharing.WorkConserving)]);
        for (int device = 0; device < release.Length; device++)
        {
            draft.AddDevice($"d{device}");
            draft.AddCut(1, release[device] + service[device] + tail[device]);
            draft.SetDemand(0, service[device]);
        }

        Plan plan = Planner.Decide(draft.ToProblem(), new OptimalPolicy());
        DeviceWorkload[] workloads = [.. release.Select((at, device) => new DeviceWorkload(
            [new Stage("forward", StageKind.Device, at)], [], 1, [new Stage("server", StageKind.Server, service[device], 0)],
            [new Stage("backward", StageKind.Device, tail[device])]))];
        SimulatedRound round = RoundSimulator.Run(plan, workloads, new SimulationOptions(Order: order));
        Assert.Equal(oracle.GetProperty(expected).GetDouble(), round.RoundSeconds);
        Assert.True(round.RoundSeconds >= plan.LowerBoundSeconds);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public void Where_nothing_contends_a_round_takes_what_the_plan_claims(int steps)
    {
        for (ulong seed = 0; seed < 300; seed++)
        {
            Plan plan = Planner.Decide(RandomProblem.Of(seed, 1 + (int)(seed % 20), 4, 1 + (int)(seed % 2)).ToProblem(), new EdgeSplitPolicy());
            SimulatedRound round = RoundSimulator.Run(plan, PlanWorkloads.Of(plan, steps));
            Assert.True(Math.Abs(round.RoundSeconds - plan.RoundSeconds) <= 1e-9 * plan.RoundSeconds, $"seed {seed}");
        }
    }

    [Fact]
    public void With_contention_a_round_takes_at_least_the_lower_bound()
    {
        for (ulong seed = 0; seed < 300; seed++)
        {
            Plan plan = Planner.Decide(RandomProblem.Of(seed, 1 + (int)(seed % 12), 4, 1, 1).ToProblem(), new EdgeSplitPolicy());
            foreach (ServerOrder order in Enum.GetValues<ServerOrder>())
            {
                SimulatedRound round = RoundSimulator.Run(plan, PlanWorkloads.Of(plan, 1 + (int)(seed % 4)), new SimulationOptions(Order: order));
                Assert.True(round.RoundSeconds >= plan.RoundSeconds * (1 - 1e-9), $"seed {seed}");
            }
        }
    }

    [Fact]
    public void Lending_idle_shares_is_never_slower()
    {
        double gained = 0;
        for (ulong seed = 0; seed < 300; seed++)
        {
            Plan plan = Planner.Decide(RandomProblem.Of(seed, 1 + (int)(seed % 20), 4, 1 + (int)(seed % 2)).ToProblem(), new EdgeSplitPolicy());
            IReadOnlyList<DeviceWorkload> workloads = PlanWorkloads.Of(plan, 5);
            double lent = RoundSimulator.Run(plan, workloads, new SimulationOptions(LendIdleShares: true)).RoundSeconds;
            Assert.True(lent <= plan.RoundSeconds * (1 + 1e-9), $"seed {seed}: {lent} > {plan.RoundSeconds}");
            gained += plan.RoundSeconds - lent;
        }

        Assert.True(gained > 0);
    }

    [Fact]
    public void A_lent_share_keeps_within_the_borrowers_cap()
    {
        ProblemDraft draft = new([new Resource("link", 10)]);
        draft.AddDevice("capped");
        draft.SetCap(0, 6);
        draft.AddCut(1, 0);
        draft.SetDemand(0, 60);
        draft.AddDevice("idle at first");
        draft.AddCut(1, 0);
        draft.SetDemand(0, 50);
        Plan plan = Planner.Decide(draft.ToProblem(), new EqualSharesPolicy());
        DeviceWorkload[] workloads =
        [
            new([], [], 1, [new Stage("up", StageKind.Transfer, 60, 0)], []),
            new([], [], 1, [new Stage("wait", StageKind.Device, 4), new Stage("up", StageKind.Transfer, 50, 0)], []),
        ];
        SimulatedRound round = RoundSimulator.Run(plan, workloads, new SimulationOptions(LendIdleShares: true, RecordTrace: true));

        // 4 s at the cap of 6, then 5 each: 24 + 36 takes 7.2 s more; then the other has all 10 for its last 14.
        Assert.Equal(11.2, round.DeviceSeconds[0], 9);
        Assert.Equal(12.6, round.DeviceSeconds[1], 9);
        Assert.Equal(3, round.Trace.Count);
    }

    private static JsonElement Oracle()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", "server-order.json")));
        return document.RootElement.Clone();
    }
}
