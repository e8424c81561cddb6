using EdgeSplit.Compute;
using EdgeSplit.Data;
using EdgeSplit.Models;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Numerics;
using EdgeSplit.Training;

namespace EdgeSplit.Benchmarks;

/// <summary>A network and synthetic data of its shape, trained by the real round loop.</summary>
internal sealed record BenchFleet(Network Network, DataSplit Data, ComputeLanes Lanes, int Batch)
{
    public static async Task<BenchFleet> CreateAsync(ComputeLanes lanes, string model, Shape input, int batch, int steps)
    {
        DataSpec spec = new(new DataSource.Synthetic(input, 10, batch * steps, 10, 0.5), null, null, new AugmentationSpec());
        DataSplit data = await new DatasetCatalog(DatasetLocations.Find(null)).LoadAsync(spec, seed: 1).ConfigureAwait(false);
        return new BenchFleet(new Network(ModelZoo.Create(model, input, 10)), data, lanes, batch);
    }

    /// <summary>Rounds of so many steps on each device, weights distributed and averaged; samples/s of the last round.</summary>
    public async Task<double> TrainAsync(int devices, int cut, int steps, int rounds = 1, Method method = Method.EdgeSplit)
    {
        TrainingSpec training = new()
        {
            Method = method,
            Rounds = rounds,
            LocalWork = new LocalWork.Steps(steps),
            BatchSize = Batch,
            Optimizer = new OptimizerSpec.Sgd(Momentum: 0.9),
            LearningRate = new LearningRateSchedule.Constant(0.001),
            Seed = 1,
        };
        IReadOnlyList<int[]> partition = Partitioner.Deal(new PartitionSpec.Iid(), Data.Train.Labels, 10, devices, seed: 1);
        BatchReader reader = new(Data.Train, Data.Normalization, new AugmentationSpec());
        DeviceData[] deviceData = [.. partition.Select((samples, device) => new DeviceData(samples, reader, Batch, 1, device))];
        InProcessFleet fleet = new([.. deviceData.Select((_, device) => $"d{device}")], deviceData, Network, training, Lanes, TimeProvider.System);
        Evaluator evaluator = new(Network, Data.Test, new BatchReader(Data.Test, Data.Normalization, new AugmentationSpec()), Lanes);
        double rate = 0;
        RoundLoop loop = new(
            Network, training, fleet, Lanes, evaluator,
            happened => rate = happened is RoundFinished round ? round.SamplesPerSecond : rate, TimeProvider.System);
        TrainingResult result = await loop.RunAsync(
            WeightInitializer.Initialize(Network, 1), new GivenCuts([.. Enumerable.Repeat(cut, devices)])).ConfigureAwait(false);
        result.Weights.Dispose();
        return rate;
    }
}
