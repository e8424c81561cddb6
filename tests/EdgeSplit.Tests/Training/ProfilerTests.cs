using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Numerics;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Tests.Torch;
using EdgeSplit.Torch;
using EdgeSplit.Training;

namespace EdgeSplit.Tests.Training;

[Collection(TorchCollection.Name)]
public class ProfilerTests
{
    private static readonly Network Network = new(ModelZoo.Create("lenet5", new Shape(1, 28, 28), 10));

    [Fact]
    public async Task Each_stage_of_each_block_is_timed_once_a_pass()
    {
        // A clock that moves a millisecond whenever it is read: every stage takes exactly one.
        Profile profile = await MeasureAsync(new TickingClock());

        Assert.Equal(Network.Blocks.Select(block => block.Name), profile.Blocks.Select(block => block.Name));
        Assert.All(profile.Blocks, block => Assert.Equal(0.001, block.ForwardSeconds, 9));
        Assert.All(profile.Blocks, block => Assert.Equal(0.001, block.StepSeconds, 9));
        Assert.All(profile.Blocks[..^1], block => Assert.Equal(0.001, block.BackwardSeconds, 9));
        Assert.Equal(0, profile.Blocks[^1].BackwardSeconds, 9);
        Assert.All(profile.Blocks, block => Assert.Equal(0, block.Spread));
        Assert.Equal(0.001, profile.Measurement!.WholeStepSeconds, 9);
        Assert.False(profile.IsEstimate);
    }

    [Fact]
    public async Task A_measured_profile_reads_back_from_its_file()
    {
        Profile profile = await MeasureAsync(TimeProvider.System);
        using MemoryStream file = new();
        ProfileFile.Write(profile, file);
        file.Position = 0;

        Profile read = ProfileFile.Read(file, "profile.json");

        Assert.Equal(profile.TotalSeconds, read.TotalSeconds, 12);
        Assert.Equal(profile.Blocks.Select(block => block.Name), read.Blocks.Select(block => block.Name));
        Assert.Equal((profile.Network, profile.Machine, profile.BatchSize), (read.Network, read.Machine, read.BatchSize));
    }

    [Fact]
    public async Task Measuring_leaves_no_segment_behind()
    {
        CountingEngine engine = new(new TorchEngine());
        await using ComputeLanes lanes = new(engine, count: 1);
        await lanes.RunAsync(() => new Profiler(Network, new OptimizerSpec.Sgd(), 4, engine, TimeProvider.System).Measure("here", 1, 2, default));
        Assert.Equal(0, engine.Live);
    }

    [Fact]
    public void The_median_of_an_even_number_is_the_mean_of_the_middle_two() => Assert.Equal(2.5, Profiler.Median([9, 1, 3, 2]));

    [Fact]
    public void The_spread_is_the_interquartile_range_over_the_median() => Assert.Equal(2.0 / 3, BlockTimes.SpreadOf([1, 2, 3, 4, 100]), 12);

    private static async Task<Profile> MeasureAsync(TimeProvider clock)
    {
        TorchEngine engine = new();
        await using ComputeLanes lanes = new(engine, count: 1);
        Profiler profiler = new(Network, new OptimizerSpec.Sgd(Momentum: 0.9), 4, engine, clock);
        return await lanes.RunAsync(() => profiler.Measure("here", 1, repetitions: 3, CancellationToken.None));
    }

    private sealed class TickingClock : TimeProvider
    {
        private long ticks;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => ++ticks;
    }
}
