using EdgeSplit.Compute;
using EdgeSplit.Data;
using EdgeSplit.Models;
using EdgeSplit.Numerics;
using EdgeSplit.Tests.Torch;
using EdgeSplit.Torch;
using EdgeSplit.Training;
using EdgeSplit.Wire;

namespace EdgeSplit.Tests.Training;

/// <summary>A device whose round goes on without it.</summary>
[Collection(TorchCollection.Name)]
public sealed class DeviceLoopTests : IAsyncLifetime
{
    private const int Steps = 3;

    private static readonly Network Network = new TrainingScenario("mlp").Network;

    private readonly ComputeLanes lanes = new(new TorchEngine(), count: 1);
    private readonly Weights global = WeightInitializer.Initialize(Network, 1);
    private readonly InMemoryLink server;
    private readonly InMemoryLink deviceEnd;
    private readonly LookingPace pace = new();
    private readonly DeviceLoop loop;
    private Task device = Task.CompletedTask;

    public DeviceLoopTests()
    {
        TrainingSpec training = new()
        {
            Method = Method.EdgeSplit,
            Rounds = 9,
            LocalWork = new LocalWork.Steps(Steps),
            BatchSize = 2,
            Optimizer = new OptimizerSpec.Sgd(),
            LearningRate = new LearningRateSchedule.Constant(0.1),
            Seed = 1,
        };
        DataSplit data = SyntheticDataset.Make(new DataSource.Synthetic(new Shape(1, 28, 28), 10, 20, 20, Noise: 1), seed: 1);
        DeviceData samples = new([.. Enumerable.Range(0, 10)], new BatchReader(data.Train, data.Normalization, new AugmentationSpec()), 2, 1, 0);
        (server, deviceEnd) = InMemoryLink.CreatePair();
        loop = new DeviceLoop(0, Network, training, samples, lanes, pace);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        server.Close();
        await device;
        await lanes.DisposeAsync();
        global.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_start_instead_of_a_gradient_begins_that_round(int next)
    {
        await StartAsync(round: 1, cut: 1);
        Run();
        Message.StepUp up = Assert.IsType<Message.StepUp>(await server.ReceiveAsync(default));
        up.Discard();
        await StartAsync(next, cut: 1);

        Message.StepUp again = Assert.IsType<Message.StepUp>(await server.ReceiveAsync(default));
        Assert.Equal((next, 0), (again.Round, again.Step));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_start_during_a_fully_local_round_begins_that_round_at_the_next_step(int next)
    {
        pace.AfterFirst = () => StartAsync(next, Network.Length);
        await StartAsync(round: 1, Network.Length);
        Run();

        Message.RoundEnd end = Assert.IsType<Message.RoundEnd>(await server.ReceiveAsync(default));
        Assert.Equal((next, Steps), (end.Round, end.Local?.Steps));
        Assert.Equal(1 + Steps, pace.Passed);
        end.Discard();
    }

    [Fact]
    public async Task A_link_that_closes_during_a_fully_local_round_ends_it()
    {
        pace.AfterFirst = () =>
        {
            server.Close();
            return ValueTask.CompletedTask;
        };
        await StartAsync(round: 1, Network.Length);
        Run();
        await device;
        Assert.Equal(1, pace.Passed);
    }

    [Fact]
    public async Task A_start_of_an_earlier_round_is_refused()
    {
        await StartAsync(round: 2, cut: 1);
        Run();
        await server.ReceiveAsync(default);
        await StartAsync(round: 1, cut: 1);
        ProtocolException refused = await Assert.ThrowsAsync<ProtocolException>(() => device);
        device = Task.CompletedTask;
        Assert.Contains("RoundStart of round 1", refused.Message, StringComparison.Ordinal);
    }

    private void Run() => device = Task.Run(() => loop.RunAsync(deviceEnd, CancellationToken.None));

    private ValueTask StartAsync(int round, int cut) =>
        server.SendAsync(new Message.RoundStart(round, cut, 0.1, global.Slice(Network, 1, cut)), CancellationToken.None);

    /// <summary>Does something after the first piece of work, and counts all.</summary>
    private sealed class LookingPace() : DevicePace(TimeProvider.System)
    {
        public Func<ValueTask>? AfterFirst { get; set; }

        public int Passed { get; private set; }

        public override async ValueTask<double> PassAsync(DeviceWork work, int cut, int samples, double seconds, CancellationToken cancellation)
        {
            if (Passed++ == 0 && AfterFirst is { } act)
                await act();
            return seconds;
        }
    }
}
