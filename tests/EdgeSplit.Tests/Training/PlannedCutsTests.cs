using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Numerics;
using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Planning.Policies;
using EdgeSplit.Training;
using EdgeSplit.Training.Planned;

namespace EdgeSplit.Tests.Training;

public class PlannedCutsTests
{
    private static readonly Network LeNet = new(ModelZoo.Create("lenet5", new Shape(1, 28, 28), 10));
    private static readonly RoundWork Work = new() { Steps = 10, BatchSize = 32, Optimizer = new OptimizerSpec.Sgd() };
    private static readonly int[] All = [0, 1, 2, 3];

    /// <summary>Slow enough for compute to matter, and measured, so that seconds are seconds.</summary>
    private static readonly Profile Slow = DeviceClass.Parse("raspberry-pi-4", "device").Estimate(LeNet, 32).Times(20) with { IsEstimate = false };

    [Fact]
    public void A_plan_holds_until_other_devices_take_part()
    {
        PlannedCuts cuts = Planned(new PlanSettings());

        PlannedRound first = cuts.Decide(1, All);
        Assert.Equal("the first plan", first.Decision?.Reason);
        Assert.Equal(first.RoundSeconds, first.Decision?.RoundSeconds);
        Assert.All(first.Assignments, one => Assert.InRange(one.Cut, 1, LeNet.Length));
        Assert.Equal(1e8, first.Assignments.Sum(one => one.Share!.UplinkBitsPerSecond), 1.0);

        PlannedRound second = cuts.Decide(2, All);
        Assert.Null(second.Decision);
        Assert.Equal(first.Assignments, second.Assignments);

        PlannedRound third = cuts.Decide(3, [1, 3]);
        Assert.Equal("other devices take part", third.Decision?.Reason);
        Assert.Equal([1, 3], third.Assignments.Select(one => one.Device));
        Assert.Equal(["d1", "d3"], third.Decision?.Devices.Select(device => device.Name));
        Assert.Equal(1e8, third.Assignments.Sum(one => one.Share!.UplinkBitsPerSecond), 1.0);
    }

    [Fact]
    public void A_run_that_goes_on_keeps_the_plan_that_was_in_force_until_something_calls_for_another()
    {
        PlannedCuts before = Planned(new PlanSettings());
        PlannedRound last = before.Decide(3, [1, 3]);
        // The same fleet as it is measured anew: alone it would be planned another way.
        PlannedCuts after = Planned(new PlanSettings(), measuredAnew: 3);
        after.GoOnWith(last.Decision!);

        PlannedRound next = after.Decide(4, [1, 3]);
        Assert.Null(next.Decision);
        Assert.Equal(last.Assignments, next.Assignments);
        Assert.Equal(last.RoundSeconds, next.RoundSeconds);
        Assert.Equal("other devices take part", after.Decide(5, All).Decision?.Reason);

        PlannedCuts other = Planned(new PlanSettings());
        other.GoOnWith(last.Decision! with { Devices = [new PlannedDevice("stranger", 1, last.Decision!.Devices[0].Shares)] });
        Assert.Equal("the first plan", other.Decide(4, [1, 3]).Decision?.Reason);
    }

    [Fact]
    public void A_device_that_slows_down_for_two_rounds_is_planned_again_with_what_it_takes_now()
    {
        PlannedCuts cuts = Planned(new PlanSettings(ReplanOver: 0.25));
        PlannedRound first = cuts.Decide(1, All);

        Measure(cuts, first, round: 1, slowed: 2, factor: 3);
        Assert.Null(cuts.Decide(2, All).Decision);
        Measure(cuts, first, round: 2, slowed: 2, factor: 3);
        PlannedRound third = cuts.Decide(3, All);

        Assert.Equal("the work of d2 takes 3.00 times what the plan took it to", third.Decision?.Reason);
        Assert.True(third.RoundSeconds > first.RoundSeconds);
        Assert.True(third.Assignments[2].Share!.UplinkBitsPerSecond > first.Assignments[2].Share!.UplinkBitsPerSecond || third.Assignments[2].Cut < first.Assignments[2].Cut);
        Measure(cuts, third, round: 3, slowed: 2, factor: 3);
        Measure(cuts, third, round: 4, slowed: 2, factor: 3);
        Assert.Null(cuts.Decide(5, All).Decision);
        Measure(cuts, third, round: 5, slowed: 2, factor: 1);
        Measure(cuts, third, round: 6, slowed: 2, factor: 1);
        _ = cuts.Decide(6, All);
        Measure(cuts, third, round: 7, slowed: 2, factor: 1);
        Assert.Equal(first.RoundSeconds!.Value, cuts.Decide(8, All).RoundSeconds!.Value, 6);
    }

    [Fact]
    public void One_slow_round_and_a_drift_within_the_threshold_change_nothing()
    {
        PlannedCuts cuts = Planned(new PlanSettings(ReplanOver: 0.25));
        PlannedRound plan = cuts.Decide(1, All);
        double[] factors = [5, 1, 1.2, 1.2, 5, 1];
        for (int round = 1; round <= factors.Length; round++)
        {
            Measure(cuts, plan, round, slowed: 1, factors[round - 1]);
            Assert.Null(cuts.Decide(round + 1, All).Decision);
        }
    }

    [Fact]
    public void Without_a_threshold_nothing_is_planned_again()
    {
        PlannedCuts cuts = Planned(new PlanSettings(ReplanOver: 0));
        PlannedRound plan = cuts.Decide(1, All);
        for (int round = 1; round < 5; round++)
        {
            Measure(cuts, plan, round, slowed: 1, factor: 50);
            Assert.Null(cuts.Decide(round + 1, All).Decision);
        }
    }

    [Fact]
    public void On_one_machine_only_how_devices_drift_apart_counts()
    {
        PlannedCuts cuts = Planned(new PlanSettings(ReplanOver: 0.25, IsOneMachine: true));
        PlannedRound plan = cuts.Decide(1, All);
        // The machine is nothing like the fleet, then busy: every device three times as slow. Then one device alone slows down.
        foreach ((int round, double machine, double device) in new[] { (1, 0.01, 1.0), (2, 0.03, 1.0), (3, 0.03, 1.0) })
        {
            foreach (Assignment one in plan.Assignments)
                cuts.Observe(new DeviceMeasurement(round, one.Device, one.Cut, machine * device * ClaimOf(one)));
            Assert.Null(cuts.Decide(round + 1, All).Decision);
        }

        foreach (int round in new[] { 4, 5 })
        {
            foreach (Assignment one in plan.Assignments)
                cuts.Observe(new DeviceMeasurement(round, one.Device, one.Cut, 0.01 * (one.Device == 3 ? 2 : 1) * ClaimOf(one)));
        }

        Assert.Equal("the work of d3 takes 2.00 times what the plan took it to", cuts.Decide(6, All).Decision?.Reason);
    }

    [Fact]
    public void A_link_that_carries_less_than_its_share_is_given_less_until_it_recovers()
    {
        PlannedCuts cuts = Planned(new PlanSettings(ReplanOver: 0.25));
        PlannedRound plan = cuts.Decide(1, All);
        double carried = plan.Assignments[0].Share!.UplinkBitsPerSecond / 2;
        foreach (int round in new[] { 1, 2 })
            cuts.Observe(new DeviceMeasurement(round, 0, plan.Assignments[0].Cut, 0) { UplinkBitsPerSecond = carried });

        PlannedRound limited = cuts.Decide(3, All);

        Assert.StartsWith("the uplink of d0 carries ", limited.Decision?.Reason, StringComparison.Ordinal);
        Assert.InRange(limited.Assignments[0].Share!.UplinkBitsPerSecond, 0, carried * (1 + 1e-9));
        for (int round = 3; round < 20; round++)
        {
            Assignment now = cuts.Decide(round, All).Assignments[0];
            cuts.Observe(new DeviceMeasurement(round, 0, now.Cut, 0) { UplinkBitsPerSecond = now.Share!.UplinkBitsPerSecond });
        }

        PlannedRound recovered = cuts.Decide(20, All);
        Assert.Equal(plan.RoundSeconds!.Value, recovered.RoundSeconds!.Value, 9);
        Assert.Null(recovered.Decision);
    }

    [Fact]
    public void Devices_without_a_feasible_cut_are_left_out_only_if_the_user_said_so()
    {
        InfeasiblePlanException refused = Assert.Throws<InfeasiblePlanException>(() => Planned(new PlanSettings(), memoryOfFirst: 1000));
        Assert.Equal("d0", Assert.Single(refused.Infeasible).Device);

        PlannedCuts cuts = Planned(new PlanSettings(ExcludesInfeasible: true), memoryOfFirst: 1000);
        Assert.Equal([1, 2, 3], cuts.Devices);
        Assert.Equal("d0", Assert.Single(cuts.Excluded).Device);
        Assert.Equal([1, 2, 3], cuts.Decide(1, cuts.Devices).Assignments.Select(one => one.Device));
    }

    private static PlannedCuts Planned(PlanSettings settings, double memoryOfFirst = double.PositiveInfinity, double measuredAnew = 1)
    {
        LinkSpec link = new(double.PositiveInfinity, double.PositiveInfinity, 0.001);
        Fleet fleet = new(
            [.. All.Select(device => new FleetDevice($"d{device}", device == 1 ? Slow.Times(measuredAnew) : Slow, device == 0 ? memoryOfFirst : double.PositiveInfinity, link, 1000))],
            new FleetServer(DeviceClass.Parse("server", "server").Estimate(LeNet, 32), 4, new SharedBandwidth.Duplex(1e8, 1e8)));
        return new PlannedCuts(LeNet, fleet, Work, _ => new EdgeSplitPolicy(), settings);
    }

    private static void Measure(PlannedCuts cuts, PlannedRound plan, int round, int slowed, double factor)
    {
        foreach (Assignment one in plan.Assignments)
            cuts.Observe(new DeviceMeasurement(round, one.Device, one.Cut, (one.Device == slowed ? factor : 1) * ClaimOf(one)));
    }

    /// <summary>What the profile says of a device's work in a round: ten steps of 32.</summary>
    private static double ClaimOf(Assignment one) =>
        10 * (Slow.ForwardSeconds(1, one.Cut, 32) + Slow.BackwardSeconds(1, one.Cut, 32) + Slow.StepSeconds(1, one.Cut));
}
