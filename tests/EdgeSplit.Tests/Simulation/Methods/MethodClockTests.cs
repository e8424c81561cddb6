using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Numerics;
using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Planning.Policies;
using EdgeSplit.Simulation;
using EdgeSplit.Simulation.Methods;

namespace EdgeSplit.Tests.Simulation.Methods;

public class MethodClockTests
{
    private const int Batch = 32;
    private static readonly string[] Splitting = ["edgesplit", "splitfed-v1", "splitfed-v2", "psl", "split"];
    private static readonly Network LeNet = new(ModelZoo.Create("lenet5", new Shape(1, 28, 28), 10));

    public static TheoryData<string> Methods() => [.. MethodClocks.All.Select(clock => clock.Method)];

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public void With_one_device_all_that_split_take_the_same(int cut)
    {
        foreach (SharedBandwidth bandwidth in new SharedBandwidth[] { new SharedBandwidth.Pool(4e7), new SharedBandwidth.Duplex(4e7, 2e7) })
        {
            ProblemBuilder costs = Costs(Fleet(1, bandwidth, lanes: 4));
            double expected = Time("split", costs, cut).RoundSeconds;
            foreach (string method in Splitting)
                Assert.Equal(expected, Time(method, costs, cut).RoundSeconds, 1e-9 * expected);
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Each_devices_parts_add_up_to_the_round_and_its_stages_do_not_overlap(string method)
    {
        MethodTime time = Time(method, Costs(Fleet(7, new SharedBandwidth.Duplex(3e7, 5e7))), cut: 2);
        foreach (DeviceTime device in time.Devices)
        {
            double sum = device.ComputeSeconds + device.UplinkSeconds + device.ServerSeconds + device.DownlinkSeconds + device.LatencySeconds + device.WaitingSeconds;
            Assert.Equal(time.RoundSeconds, sum, 1e-9 * time.RoundSeconds);
        }

        foreach (IGrouping<int, TraceEntry> device in time.Trace.GroupBy(entry => entry.Device))
        {
            double end = 0;
            foreach (TraceEntry entry in device.OrderBy(entry => entry.Start))
            {
                Assert.True(entry.Start >= end - 1e-9, $"{entry.Stage} begins at {entry.Start}, before {end}");
                end = entry.End;
            }

            Assert.True(end <= time.RoundSeconds * (1 + 1e-12));
        }
    }

    [Fact]
    public void The_plans_own_method_takes_what_the_plan_claims_where_nothing_contends()
    {
        ProblemBuilder costs = Costs(Fleet(6, new SharedBandwidth.Pool(3e7), lanes: 6));
        Plan plan = Planner.Decide(costs.ToProblem(), new OptimalPolicy());
        MethodTime time = MethodClocks.Of("edgesplit").Time(costs, new OptimalPolicy());
        Assert.Equal(plan.RoundSeconds, time.RoundSeconds, 1e-9 * plan.RoundSeconds);
        for (int device = 0; device < 6; device++)
            Assert.Equal((plan.Cut(device), plan.Share(device, 0)), (time.Devices[device].Cut, time.Devices[device].UplinkShare));
    }

    [Fact]
    public void A_relay_takes_the_sum_over_devices_each_with_the_whole_link()
    {
        Fleet fleet = Fleet(5, new SharedBandwidth.Pool(2e7));
        double sum = fleet.Devices.Sum(device => Time("split", Costs(fleet with { Devices = [device] }), 2).RoundSeconds);
        MethodTime time = Time("split", Costs(fleet), 2);
        Assert.Equal(sum, time.RoundSeconds, 1e-9 * sum);
        Assert.All(time.Devices, device => Assert.Null(device.UplinkShare));
    }

    [Fact]
    public void A_barrier_takes_at_least_each_steps_slowest_device_and_the_whole_servers_work()
    {
        ProblemBuilder costs = Costs(Fleet(6, new SharedBandwidth.Pool(3e7), lanes: 2), steps: 4);
        MethodTime time = Time("psl", costs, 2);
        double server = Enumerable.Range(0, 6).Sum(device => costs.Round(device, 2).ServerSeconds - (4 * costs.Fleet.Server.Profile.StepSeconds(3, 5))) / 2;
        double slowest = Enumerable.Range(0, 6).Max(device => time.Devices[device].ComputeSeconds + time.Devices[device].UplinkSeconds
            + time.Devices[device].DownlinkSeconds + time.Devices[device].LatencySeconds);
        Assert.True(time.RoundSeconds >= slowest + server);

        // At every step all devices are served at once, after the slowest has come.
        foreach (IGrouping<double, TraceEntry> step in time.Trace.Where(entry => entry.Kind == StageKind.Server).GroupBy(entry => entry.Start))
            Assert.Equal(6, step.Count());
    }

    [Fact]
    public void Where_the_server_takes_turns_each_begins_when_the_one_before_ends_and_no_step_before_all_are_there()
    {
        ProblemBuilder costs = Costs(Fleet(6, new SharedBandwidth.Pool(3e7), lanes: 2), steps: 4);
        MethodTime time = Time("splitfed-v2", costs, 2);
        TraceEntry[] served = [.. time.Trace.Where(entry => entry.Kind == StageKind.Server).OrderBy(entry => entry.Start)];
        Assert.Equal(4 * 6, served.Length);
        foreach (TraceEntry[] step in served.Chunk(6))
        {
            Assert.Equal(6, step.Select(entry => entry.Device).Distinct().Count());
            for (int turn = 1; turn < 6; turn++)
                Assert.Equal(step[turn - 1].End, step[turn].Start, 1e-12);
            Assert.Contains(time.Trace, entry => entry.Stage == "uplink" && Math.Abs(entry.End - step[0].Start) < 1e-12);
        }

        Assert.True(served.Chunk(6).Select(step => string.Concat(step.Select(entry => entry.Device))).Distinct().Count() > 1);
    }

    [Fact]
    public void Devices_with_fewer_batches_leave_the_barrier_when_they_are_done()
    {
        Fleet fleet = Fleet(3, new SharedBandwidth.Pool(3e7));
        fleet = fleet with { Devices = [.. fleet.Devices.Select((device, index) => device with { Samples = 40 * (index + 1) })] };
        ILookup<int, TraceEntry> served = Time("psl", Costs(fleet), 2).Trace.Where(entry => entry.Kind == StageKind.Server).ToLookup(entry => entry.Device);
        Assert.Equal([2, 3, 4], Enumerable.Range(0, 3).Select(device => served[device].Count()));
    }

    [Fact]
    public void One_shared_segment_is_never_faster_than_replicas_on_all_lanes()
    {
        for (int devices = 1; devices <= 12; devices += 3)
        {
            ProblemBuilder costs = Costs(Fleet(devices, new SharedBandwidth.Pool(1e9), lanes: 4));
            MethodTime shared = Time("splitfed-v2", costs, 1), replicas = Time("splitfed-v1", costs, 1);
            Assert.True(shared.RoundSeconds >= replicas.RoundSeconds * (1 - 1e-9));
            Assert.True(shared.RoundSeconds >= Enumerable.Range(0, devices).Sum(device => costs.Round(device, 1).ServerSeconds));
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void More_bandwidth_and_faster_devices_are_never_slower(string method)
    {
        Fleet fleet = Fleet(6, new SharedBandwidth.Pool(2e7));
        Fleet wider = fleet with { Server = fleet.Server with { Bandwidth = new SharedBandwidth.Pool(4e7) } };
        Fleet faster = fleet with { Devices = [.. fleet.Devices.Select(device => device with { Profile = device.Profile.Times(0.5) })] };
        double round = Time(method, Costs(fleet), 2).RoundSeconds;
        Assert.True(Time(method, Costs(wider), 2).RoundSeconds <= round * (1 + 1e-9));
        Assert.True(Time(method, Costs(faster), 2).RoundSeconds <= round * (1 + 1e-9));
    }

    [Fact]
    public void Centralized_takes_the_servers_work_alone_after_an_upload_bound_by_link_or_device()
    {
        Fleet fleet = Fleet(4, new SharedBandwidth.Pool(1e7));
        int samples = fleet.Devices.Sum(device => device.Samples);
        MethodTime time = MethodClocks.Of("centralized").Time(Costs(fleet), new UniformPolicy());
        int steps = (samples + Batch - 1) / Batch;
        Profile server = fleet.Server.Profile;
        Assert.Equal(server.ForwardSeconds(1, 5, samples) + server.BackwardSeconds(1, 5, samples) + (steps * server.StepSeconds(1, 5)), time.RoundSeconds, 1e-9);
        Assert.Equal((samples * 8.0 * ((28 * 28 * 4) + 4) / 1e7) + 0.004, time.SetupSeconds, 1e-9);
    }

    [Fact]
    public void A_method_that_does_not_fit_the_devices_memory_names_them()
    {
        Fleet fleet = Fleet(3, new SharedBandwidth.Pool(1e7));
        fleet = fleet with { Devices = [fleet.Devices[0] with { MemoryBytes = Costs(fleet).DeviceMemoryBytes(2) }, .. fleet.Devices.Skip(1)] };
        MethodTime time = MethodClocks.Of("fedavg").Time(Costs(fleet), new UniformPolicy());
        Assert.False(time.IsFeasible);
        Assert.Equal("device-0", Assert.Single(time.Infeasible).Device);
        Assert.True(Time("splitfed-v1", Costs(fleet), 2).IsFeasible);
    }

    private static MethodTime Time(string method, ProblemBuilder costs, int cut) => MethodClocks.Of(method).Time(costs, new FixedCutPolicy(cut));

    private static ProblemBuilder Costs(Fleet fleet, int? steps = null) =>
        new(LeNet, fleet, new RoundWork { Steps = steps, BatchSize = Batch, Optimizer = new OptimizerSpec.Sgd(0.9) });

    /// <summary>Device i is 1 + i/2 times as slow as the first.</summary>
    private static Fleet Fleet(int devices, SharedBandwidth bandwidth, int lanes = 1)
    {
        Profile profile = new("lenet5", "test", false, Batch, [.. LeNet.Blocks.Select((block, index) => new BlockCost(block.Name, 0.01 * (index + 1), 0.03, 0.001))]);
        return new Fleet(
            [.. Enumerable.Range(0, devices).Select(index => new FleetDevice(
                $"device-{index}", profile.Times(1 + (0.5 * index)), double.PositiveInfinity, new LinkSpec(1e8, 1e8, 0.001 * (index + 1)), 70 + (10 * index)))],
            new FleetServer(profile.Times(0.1), lanes, bandwidth));
    }
}
