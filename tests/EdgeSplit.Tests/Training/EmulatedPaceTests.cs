using EdgeSplit.Planning.Costs;
using EdgeSplit.Training;

namespace EdgeSplit.Tests.Training;

/// <summary>A faster machine that keeps a slower one's time.</summary>
public class EmulatedPaceTests
{
    /// <summary>Two blocks: 1 + 2 s forward, 3 + 4 s backward, 0.5 + 0.25 s a step, for 10 samples.</summary>
    private static readonly Profile Slow = new("net", "slow", IsEstimate: false, 10, [new("a", 1, 3, 0.5), new("b", 2, 4, 0.25)]);

    private readonly LateClock clock = new(lateness: 0.3);
    private readonly List<double> warnings = [];

    [Theory]
    [InlineData(DeviceWork.Forward, 1, 10, 1)]
    [InlineData(DeviceWork.Forward, 2, 5, 1.5)]
    [InlineData(DeviceWork.Backward, 1, 10, 3.5)]
    [InlineData(DeviceWork.Whole, 2, 20, 20.75)]
    public async Task A_piece_of_work_counts_for_what_the_slower_machine_takes(DeviceWork work, int cut, int samples, double expected)
    {
        double counted = await PaceOf().PassAsync(work, cut, samples, 0.1, TestContext.Current.CancellationToken);
        Assert.Equal(expected, counted, 9);
        Assert.Equal(expected - 0.1 + clock.Lateness, clock.Waited, 6);
    }

    [Fact]
    public async Task What_one_wait_overdoes_the_next_makes_up_for()
    {
        EmulatedPace pace = PaceOf();
        for (int step = 0; step < 1000; step++)
            await pace.PassAsync(DeviceWork.Forward, 1, 10, 0.2, TestContext.Current.CancellationToken);
        Assert.InRange(clock.Waited, (1000 * 0.8) - 0.001, (1000 * 0.8) + clock.Lateness + 0.001);
        Assert.Empty(warnings);
    }

    [Fact]
    public async Task A_machine_that_stood_still_makes_up_for_one_piece_of_work_only()
    {
        EmulatedPace pace = PaceOf();
        await pace.PassAsync(DeviceWork.Forward, 1, 10, 100, TestContext.Current.CancellationToken);
        await pace.PassAsync(DeviceWork.Forward, 1, 10, 0, TestContext.Current.CancellationToken);
        Assert.Equal(0, clock.Waited);
        await pace.PassAsync(DeviceWork.Forward, 1, 10, 0, TestContext.Current.CancellationToken);
        Assert.Equal(1 + clock.Lateness, clock.Waited, 6);
    }

    [Fact]
    public async Task A_machine_slower_than_the_one_it_plays_says_so_once_with_the_factor()
    {
        EmulatedPace pace = PaceOf();
        for (int step = 0; step < 100; step++)
            await pace.PassAsync(DeviceWork.Forward, 1, 10, 1.5, TestContext.Current.CancellationToken);
        Assert.Equal(1.5, Assert.Single(warnings), 9);
        Assert.Equal(0, clock.Waited);
    }

    [Fact]
    public async Task A_slow_start_says_nothing_of_a_machine()
    {
        EmulatedPace pace = PaceOf();
        for (int step = 0; step < 100; step++)
            await pace.PassAsync(DeviceWork.Forward, 1, 10, step < 16 ? 50 : 0.9, TestContext.Current.CancellationToken);
        Assert.Empty(warnings);
    }

    private EmulatedPace PaceOf() => new(Slow, clock, warnings.Add);

    /// <summary>Time passes only in timers, which all come late.</summary>
    private sealed class LateClock(double lateness) : TimeProvider
    {
        private long now;

        public double Lateness => lateness;

        public double Waited => now / 1e7;

        public override long TimestampFrequency => 10_000_000;

        public override long GetTimestamp() => now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                now += dueTime.Ticks + TimeSpan.FromSeconds(lateness).Ticks;
                ThreadPool.QueueUserWorkItem(_ => callback(state));
            }

            return new Done();
        }

        private sealed class Done : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
