using EdgeSplit.Compute;
using EdgeSplit.Data;
using EdgeSplit.Models;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Numerics;
using EdgeSplit.Training;

namespace EdgeSplit.Tests.Training;

/// <summary>A small fleet on real images, trained by the real loops.</summary>
internal sealed record TrainingScenario(string Model, int Devices = 4)
{
    public Method Method { get; init; } = Method.EdgeSplit;

    public double ServerMomentum { get; init; }

    public double? Dropout { get; init; }

    public int Rounds { get; init; } = 3;

    public LocalWork LocalWork { get; init; } = new LocalWork.Steps(3);

    public int BatchSize { get; init; } = 8;

    public double Participation { get; init; } = 1;

    public int EvaluateEvery { get; init; } = 1;

    public OptimizerSpec Optimizer { get; init; } = new OptimizerSpec.Sgd(Momentum: 0.9) { WeightDecay = 5e-4 };

    public LearningRateSchedule LearningRate { get; init; } = new LearningRateSchedule.Cosine(0.05, 0);

    public int TrainSamples { get; init; } = 400;

    /// <summary>What becomes of a round in which devices fail; null for the loop's own default.</summary>
    public FailurePolicy? Failures { get; init; }

    /// <summary>Puts something between the round loop and the devices.</summary>
    public Func<IFleet, IFleet> Between { get; init; } = fleet => fleet;

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public List<RunEvent> Events { get; } = [];

    public Network Network => field ??= new Network(ModelZoo.Create(Model, new Shape(1, 28, 28), 10, Dropout));

    /// <summary>Non-IID Fashion-MNIST, every device its own cut; the final weights are the caller's.</summary>
    public async Task<TrainingResult> TrainAsync(
        ComputeLanes lanes, IReadOnlyList<int> cuts, Action<RunEvent>? also = null, CancellationToken stop = default, CancellationToken abandon = default) =>
        await TrainAsync(lanes, new GivenCuts(cuts), also, stop: stop, abandon: abandon);

    /// <summary>The same with any plan, from where earlier rounds ended.</summary>
    public async Task<TrainingResult> TrainAsync(
        ComputeLanes lanes, ICutPlan plan, Action<RunEvent>? also = null, Action<TrainingResult>? roundDone = null, TrainingResult? start = null,
        CancellationToken stop = default, CancellationToken abandon = default)
    {
        TrainingSpec training = new()
        {
            Method = Method,
            Rounds = Rounds,
            LocalWork = LocalWork,
            BatchSize = BatchSize,
            Participation = Participation,
            EvaluateEvery = EvaluateEvery,
            Optimizer = Optimizer,
            ServerMomentum = ServerMomentum,
            LearningRate = LearningRate,
            Seed = 7,
        };
        DataSpec spec = new(new DataSource.Named("fashion-mnist"), TrainSamples, 100, new AugmentationSpec(CropPadding: 2, HorizontalFlip: true));
        DataSplit data = await new DatasetCatalog(DatasetLocations.Find(Path.Combine(Repository.Root, "data"))).LoadAsync(spec, seed: 7);
        IReadOnlyList<int[]> partition = Partitioner.Deal(new PartitionSpec.Dirichlet(0.5, 1), data.Train.Labels, 10, Devices, seed: 7);
        BatchReader reader = new(data.Train, data.Normalization, spec.Augmentation);
        DeviceData[] deviceData = [.. partition.Select((samples, device) => new DeviceData(samples, reader, BatchSize, 7, device))];
        InProcessFleet fleet = new([.. deviceData.Select((_, device) => $"device-{device + 1}")], deviceData, Network, training, lanes, Clock);
        Evaluator evaluator = new(Network, data.Test, new BatchReader(data.Test, data.Normalization, new AugmentationSpec()), lanes);
        RoundLoop loop = new(Network, training, Between(fleet), lanes, evaluator, Events.Add + (also ?? (_ => { })), Clock, Failures);
        start ??= new TrainingResult(WeightInitializer.Initialize(Network, 7), Evaluation: null, Rounds: 0);
        return await loop.RunAsync(start, plan, roundDone, stop, abandon);
    }

    /// <summary>Seeded random cuts in 1..L, one a device.</summary>
    public int[] RandomCuts(ulong seed)
    {
        SeededRandom random = new(seed);
        return [.. Enumerable.Range(0, Devices).Select(_ => 1 + random.NextInt(Network.Length))];
    }

    /// <summary>No cut: federated averaging.</summary>
    public int[] FullLocal => [.. Enumerable.Repeat(Network.Length, Devices)];

    public static void AssertBitwiseEqual(Weights expected, Weights actual)
    {
        Assert.Equal(expected.Select(entry => entry.Key), actual.Select(entry => entry.Key));
        foreach ((string name, HostTensor tensor) in expected)
            Assert.True(tensor.Bytes.SequenceEqual(actual[name].Bytes), $"'{name}' differs");
    }
}
