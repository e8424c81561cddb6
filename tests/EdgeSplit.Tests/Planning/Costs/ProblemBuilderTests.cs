using System.Collections.Immutable;
using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Numerics;
using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Planning.Policies;
using EdgeSplit.Simulation;

namespace EdgeSplit.Tests.Planning.Costs;

public class ProblemBuilderTests
{
    private const int Batch = 32;
    private static readonly Network LeNet = new(ModelZoo.Create("lenet5", new Shape(1, 28, 28), 10));

    /// <summary>Backward is not twice forward, and no two blocks alike.</summary>
    private static readonly Profile Slow = new("lenet5", "test", false, Batch, [.. LeNet.Blocks.Select((block, index) =>
        new BlockCost(block.Name, 0.1 * (index + 1), 0.3 + (0.05 * index), 0.01))]);

    private static readonly Profile Fast = Slow with { Blocks = [.. Slow.Blocks.Select(block => new BlockCost(block.Name, 0.01, 0.02, 0.001))] };

    [Fact]
    public void A_cuts_costs_are_those_of_the_cost_model()
    {
        Problem problem = Builder(new SharedBandwidth.Duplex(4e7, 2e7), samples: 70).ToProblem();
        int option = problem.FindOption(0, 2);
        NetworkBlock[] blocks = [LeNet.Blocks[0], LeNet.Blocks[1]];
        double weights = 8.0 * blocks.Sum(block => block.ParameterBytes + block.BufferBytes);
        double smashed = 8.0 * 70 * blocks[1].OutputBytes;

        // 70 samples in batches of 32: two whole ones and one of 6, so 70/32 of a batch's compute and three steps.
        double device = (70.0 / 32 * (0.1 + 0.2 + 0.3 + 0.35)) + (3 * 0.02);
        int rest = LeNet.Length - 2;
        double server = (70.0 / 32 * rest * 0.03) + (3 * rest * 0.001);
        Assert.Equal(device + server + (0.005 * 8), problem.FixedSeconds(option), 10);
        Assert.Equal(smashed + (8.0 * 70 * 4) + weights, problem.Demand(option, 0), 3);
        Assert.Equal(smashed + weights, problem.Demand(option, 1), 3);
        Assert.Equal(server, problem.Demand(option, 2), 10);
        Assert.Equal(8e6, problem.Cap(0, 0));
        Assert.Equal(
            (3.0 * blocks.Sum(block => block.ParameterBytes)) + (Batch * ((28 * 28 * 4) + blocks.Sum(block => block.StoredActivationBytes))),
            problem.CutMemoryBytes(option));
    }

    [Fact]
    public void Full_local_sends_weights_only_and_cut_0_needs_leave()
    {
        Problem problem = Builder(new SharedBandwidth.Pool(4e7), samples: 70).ToProblem();
        int option = problem.FindOption(0, LeNet.Length);
        Assert.Equal(2 * 8.0 * LeNet.Blocks.Sum(block => block.ParameterBytes + block.BufferBytes), problem.Demand(option, 0));
        Assert.Equal(0, problem.Demand(option, 1));
        Assert.Equal(-1, problem.FindOption(0, 0));
        Assert.NotEqual(-1, Builder(new SharedBandwidth.Pool(4e7), 70, maySendRawData: true).ToProblem().FindOption(0, 0));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 0)]
    [InlineData(0, 7)]
    public void Simulated_step_by_step_a_round_takes_what_the_plan_claims(int epochs, int steps)
    {
        foreach (SharedBandwidth bandwidth in new SharedBandwidth[] { new SharedBandwidth.Pool(4e7), new SharedBandwidth.Duplex(4e7, 2e7) })
        {
            ProblemBuilder builder = Builder(bandwidth, 70, epochs: epochs, steps: epochs > 0 ? null : steps);
            foreach (string policy in new[] { "edgesplit", "optimal", "uniform", "full-local", "random:3" })
            {
                Plan plan = Planner.Decide(builder.ToProblem(), PlanPolicies.Parse(policy));
                Assert.Empty(PlanChecker.Check(plan));
                SimulatedRound round = RoundSimulator.Run(plan, FleetWorkloads.Of(builder, plan));
                for (int device = 0; device < plan.Problem.DeviceCount; device++)
                    Assert.Equal(plan.DeviceSeconds(device), round.DeviceSeconds[device], 1e-9 * plan.RoundSeconds);
                Assert.True(RoundSimulator.Run(plan, FleetWorkloads.Of(builder, plan), new SimulationOptions(true)).RoundSeconds
                    <= plan.RoundSeconds * (1 + 1e-9));
            }
        }
    }

    [Fact]
    public void A_profile_of_another_network_is_refused()
    {
        Fleet fleet = Fleet(new SharedBandwidth.Pool(1e6), 10);
        Fleet wrong = fleet with { Devices = [fleet.Devices[0] with { Profile = Slow with { Blocks = Slow.Blocks[..2] } }, fleet.Devices[1] with { Samples = 0 }] };
        Assert.Equal(2, Assert.Throws<InvalidInputException>(() => new ProblemBuilder(LeNet, wrong, Work(false, 1, null))).Faults.Count);
    }

    [Fact]
    public void A_profile_prints_and_reads_back()
    {
        using MemoryStream stream = new();
        ProfileFile.Write(Slow, stream);
        stream.Position = 0;
        Profile read = ProfileFile.Read(stream, "profile.json");
        Assert.Equal(Slow.Blocks.AsEnumerable(), read.Blocks);
        Assert.Equal(Slow with { Blocks = ImmutableArray<BlockCost>.Empty }, read with { Blocks = ImmutableArray<BlockCost>.Empty });
        using MemoryStream broken = new("""{"batchSize":0,"blocks":[{"name":"a","forwardSeconds":-1}]}"""u8.ToArray());
        Assert.Equal(6, Assert.Throws<InvalidInputException>(() => ProfileFile.Read(broken, "profile.json")).Faults.Count);
    }

    [Fact]
    public void A_class_gives_an_estimate_that_says_so()
    {
        Profile estimate = DeviceClass.Parse("raspberry-pi-4", "device").Estimate(LeNet, Batch);
        Assert.True(estimate.IsEstimate);
        Assert.Equal(Batch * LeNet.Blocks[1].BackwardFlops / 11.889e9, estimate.Blocks[1].BackwardSeconds, 12);
        Assert.Throws<InvalidInputException>(() => DeviceClass.Parse("toaster", "device"));
    }

    private static ProblemBuilder Builder(SharedBandwidth bandwidth, int samples, bool maySendRawData = false, int epochs = 1, int? steps = null) =>
        new(LeNet, Fleet(bandwidth, samples), Work(maySendRawData, epochs, steps));

    private static RoundWork Work(bool maySendRawData, int epochs, int? steps) => new()
    {
        Epochs = epochs,
        Steps = steps,
        BatchSize = Batch,
        Optimizer = new OptimizerSpec.Sgd(0.9),
        MaySendRawData = maySendRawData,
    };

    private static Fleet Fleet(SharedBandwidth bandwidth, int samples) => new(
        [
            new FleetDevice("slow", Slow, double.PositiveInfinity, new LinkSpec(8e6, 1e8, 0.005), samples),
            new FleetDevice("other", Fast, 1e9, new LinkSpec(double.PositiveInfinity, double.PositiveInfinity, 0), 2 * samples),
        ],
        new FleetServer(Fast, 2, bandwidth));
}
