using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Models.Files;
using EdgeSplit.Numerics;
using EdgeSplit.Wire;

namespace EdgeSplit.Tests.Wire;

/// <summary>What a step costs beside its tensors: bytes on the wire, and memory. Both are counted, not timed.</summary>
[Collection(QuietCollection.Name)]
public class WireCostTests
{
    private const int Batch = 16;
    private const int WarmUpSteps = 10;
    private const int Steps = 40;
    private const int Runs = 5;

    /// <summary>Smashed data of 1 MiB a batch.</summary>
    private static readonly Network Fat = new(ModelFile.Parse(
        """
        name: fat
        input: 1x32x32
        classes: 2
        blocks:
          - name: stem
            layers:
              - {kind: conv2d, out-channels: 16, kernel: 3, padding: 1}
          - name: head
            layers:
              - flatten
              - {kind: linear, out-features: classes}
        """,
        "fat.yaml"));

    [Theory]
    [InlineData(TensorEncoding.Float32)]
    [InlineData(TensorEncoding.BFloat16)]
    [InlineData(TensorEncoding.Float16)]
    public async Task Headers_and_confirmations_are_less_than_a_hundredth_of_the_tensors(TensorEncoding encoding)
    {
        (long onTheWire, _) = await TrainAsync(encoding);
        double tensors = Steps * Batch * ((2 * Fat.Blocks[0].OutputBytes * encoding.Ratio()) + sizeof(int));
        Assert.InRange(onTheWire / tensors, 1, 1.01);
    }

    [Theory]
    [InlineData(TensorEncoding.Float32)]
    [InlineData(TensorEncoding.BFloat16)]
    public async Task A_step_allocates_next_to_nothing_however_large_its_tensors(TensorEncoding encoding)
    {
        // The count is the whole process's: what others add is not in every run, what a step allocates is.
        long least = long.MaxValue;
        for (int run = 0; run < Runs; run++)
            least = Math.Min(least, (await TrainAsync(encoding)).Allocated);
        Assert.InRange(least / Steps, 0, 48 * 1024);
    }

    [Fact]
    public void An_idle_connection_holds_no_buffers()
    {
        const int count = 500;
        List<Task> runs = [];
        List<ResumableLink> links = [];
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int number = 0; number < count; number++)
        {
            links.Add(new ResumableLink(LinkEnd.Server, TinyNetwork.Network, new LinkOptions(TimeProvider.System)));
            runs.Add(links[^1].RunAsync(new FrameConnection(new StuckSocket(), TimeProvider.System), 0, default));
        }

        Assert.InRange((GC.GetTotalMemory(forceFullCollection: true) - before) / count, 0, 16 * 1024);
        Assert.All(runs, run => Assert.False(run.IsCompleted));
        links.ForEach(link => link.Close());
    }

    private static async Task<(long OnTheWire, long Allocated)> TrainAsync(TensorEncoding encoding)
    {
        LinkOptions options = new(TimeProvider.System) { Encoding = encoding };
        await using ResumableLink server = new(LinkEnd.Server, Fat, options), device = new(LinkEnd.Device, Fat, options);
        MemoryWire wire = new();
        Task[] runs =
        [
            server.RunAsync(new FrameConnection(wire.Server, TimeProvider.System), 0, default),
            device.RunAsync(new FrameConnection(wire.Device, TimeProvider.System), 0, default),
        ];
        using Weights weights = WeightInitializer.Initialize(Fat, 1);
        RoundAgreement agreement = new(Fat, 1, 1, Batch, null);
        server.Agree(agreement);
        await server.SendAsync(new Message.RoundStart(1, 1, 0.1, weights), default);
        await device.ReceiveAsync(default);
        device.Agree(agreement);
        for (int step = 0; step < WarmUpSteps; step++)
            await StepAsync(server, device, step);
        long bytes = wire.Bytes, allocated = GC.GetTotalAllocatedBytes(precise: true);
        for (int step = WarmUpSteps; step < WarmUpSteps + Steps; step++)
            await StepAsync(server, device, step);
        (long, long) cost = (wire.Bytes - bytes, GC.GetTotalAllocatedBytes(precise: true) - allocated);
        server.Close();
        await Task.WhenAll(runs);
        return cost;
    }

    private static async Task StepAsync(ResumableLink server, ResumableLink device, int step)
    {
        Shape shape = Fat.Blocks[0].OutputShape.Prepend(Batch);
        HostTensor smashed = HostTensor.Rent(ElementType.Float32, shape), gradient = HostTensor.Rent(ElementType.Float32, shape);
        smashed.Bytes.Clear();
        gradient.Bytes.Clear();
        await device.SendAsync(new Message.StepUp(1, step, smashed, new int[Batch]), default);
        (await server.ReceiveAsync(default)).Discard();
        await server.SendAsync(new Message.StepDown(1, step, gradient), default);
        (await device.ReceiveAsync(default)).Discard();
    }
}
