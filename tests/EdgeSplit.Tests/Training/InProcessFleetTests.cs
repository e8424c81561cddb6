using EdgeSplit.Compute;
using EdgeSplit.Data;
using EdgeSplit.Models;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Numerics;
using EdgeSplit.Training;
using EdgeSplit.Wire;

namespace EdgeSplit.Tests.Training;

public class InProcessFleetTests
{
    [Fact]
    public async Task Letting_a_device_go_waits_until_it_no_longer_reads_the_rounds_weights()
    {
        Network network = new(ModelZoo.Create("lenet5", new Shape(1, 28, 28), 10));
        TrainingSpec training = new()
        {
            Method = Method.EdgeSplit,
            Rounds = 1,
            LocalWork = new LocalWork.Steps(1),
            BatchSize = 1,
            Optimizer = new OptimizerSpec.Sgd(),
            LearningRate = new LearningRateSchedule.Constant(0.1),
            Seed = 1,
        };
        using ManualResetEventSlim building = new(), mayBuild = new();
        await using ComputeLanes lanes = new(new SlowEngine(building, mayBuild), count: 1);
        using Weights weights = WeightInitializer.Initialize(network, seed: 1);
        DataSplit data = SyntheticDataset.Make(new DataSource.Synthetic(new Shape(1, 28, 28), 10, 20, 20, Noise: 1), seed: 1);
        DeviceData samples = new([0, 1], new BatchReader(data.Train, data.Normalization, new AugmentationSpec()), 1, 1, 0);
        InProcessFleet fleet = new(["only"], [samples], network, training, lanes, TimeProvider.System);

        CancellationToken cancellation = TestContext.Current.CancellationToken;
        ILink link = await fleet.ConnectAsync(0, cancellation);
        await link.SendAsync(new Message.RoundStart(1, 2, 0.1, weights.Slice(network, 1, 2)), cancellation);
        building.Wait(cancellation);
        Task gone = link.DisposeAsync().AsTask();

        Assert.False(gone.IsCompleted);
        mayBuild.Set();
        await gone;
    }

    private sealed class SlowEngine(ManualResetEventSlim building, ManualResetEventSlim mayBuild) : IEngine
    {
        public string Description => "slow";

        public string NumericsOf(int threads) => Description;

        public ElementType ElementType => ElementType.Float32;

        public void PrepareLane(int threads)
        {
        }

        public ISegment Build(SegmentSpec spec, Weights weights)
        {
            building.Set();
            mayBuild.Wait();
            throw new InvalidOperationException("built too late");
        }
    }
}
