using EdgeSplit.Compute;
using EdgeSplit.Numerics;

namespace EdgeSplit.Tests.Compute;

public class ComputeLanesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_lane_that_cannot_start_fails_the_work_given_to_it_and_no_one_waits_forever(int count)
    {
        using ManualResetEventSlim queued = new();
        await using ComputeLanes lanes = new(new BrokenEngine(queued), count);

        Task<int> before = lanes.RunAsync(() => 1);
        queued.Set();

        Assert.Equal("no such library", (await Assert.ThrowsAsync<DllNotFoundException>(() => before)).Message);
        Assert.Equal("no such library", (await Assert.ThrowsAsync<DllNotFoundException>(() => lanes.RunAsync(() => 2))).Message);
    }

    [Fact]
    public async Task Work_that_throws_fails_alone()
    {
        await using ComputeLanes lanes = new(new WorkingEngine(), count: 1);

        Task<int> bad = lanes.RunAsync<int>(() => throw new InvalidOperationException("mine"));
        Task<int> good = lanes.RunAsync(() => 2);

        Assert.Equal("mine", (await Assert.ThrowsAsync<InvalidOperationException>(() => bad)).Message);
        Assert.Equal(2, await good);
    }

    [Fact]
    public async Task Disposing_runs_what_is_queued_and_refuses_more()
    {
        ComputeLanes lanes = new(new WorkingEngine(), count: 2);
        Task<int>[] queued = [.. Enumerable.Range(0, 50).Select(number => lanes.RunAsync(() => number))];
        await lanes.DisposeAsync();
        Assert.Equal(Enumerable.Range(0, 50), await Task.WhenAll(queued));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => lanes.RunAsync(() => 1));
    }

    private class WorkingEngine : IEngine
    {
        public string Description => "none";

        public string NumericsOf(int threads) => Description;

        public ElementType ElementType => ElementType.Float32;

        public virtual void PrepareLane(int threads)
        {
        }

        public ISegment Build(SegmentSpec spec, Weights weights) => throw new NotSupportedException();
    }

    private sealed class BrokenEngine(ManualResetEventSlim queued) : WorkingEngine
    {
        public override void PrepareLane(int threads)
        {
            queued.Wait();
            throw new DllNotFoundException("no such library");
        }
    }
}
