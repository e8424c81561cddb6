using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Numerics;
using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Planning.Policies;
using EdgeSplit.Training.Planned;

namespace EdgeSplit.Tests.Training;

/// <summary>Whether one machine is strong enough to play a fleet is known before it does.</summary>
public class EmulationLoadTests
{
    private static readonly Network LeNet = new(ModelZoo.Create("lenet5", new Shape(1, 28, 28), 10));
    private static readonly RoundWork Work = new() { Steps = 10, BatchSize = 32, Optimizer = new OptimizerSpec.Sgd() };

    /// <summary>Slow enough for compute to be most of a round.</summary>
    private static readonly Profile Host = DeviceClass.Parse("milk-v-mars", "host").Estimate(LeNet, 32).Times(20);

    [Fact]
    public void Devices_much_slower_than_a_machine_of_as_many_cores_are_no_problem() => Assert.Empty(Problems(cores: 4, 2, 2, 3, 4));

    [Fact]
    public void A_device_faster_than_the_machine_is_named_with_both_times()
    {
        string problem = Assert.Single(Problems(cores: 16, 2, 0.5));
        Assert.Matches("^d1's part of a round is ([0-9.]+) s of work for this machine, and [0-9.]+ s for the milk-v-mars it plays$", problem);
    }

    [Fact]
    public void Devices_that_are_slow_but_too_many_wait_for_each_other()
    {
        string problem = Assert.Single(Problems(cores: 1, 2, 2, 2, 2));
        Assert.Matches("^a round is [0-9.]+ s of work, ([0-9]+) % of what 1 cores do in ", problem);
    }

    /// <param name="cores">Of the machine.</param>
    /// <param name="slower">How many times as long as the machine each device takes.</param>
    private static IReadOnlyList<string> Problems(int cores, params double[] slower)
    {
        Fleet fleet = new(
            [.. slower.Select((factor, index) => new FleetDevice(
                $"d{index}", Host.Times(factor), double.PositiveInfinity, new LinkSpec(double.PositiveInfinity, double.PositiveInfinity, 0), 320))],
            new FleetServer(Host, 2, new SharedBandwidth.Pool(1e9)));
        ProblemBuilder builder = new(LeNet, fleet, Work);
        Plan plan = Planner.Decide(builder.ToProblem(), PlanPolicies.Parse("full-local"));
        return EmulationLoad.ProblemsOf(plan, builder, Host, cores);
    }
}
