using CsCheck;
using EdgeSplit.Data;

namespace EdgeSplit.Tests.Data;

public class BatchSamplerTests
{
    private static readonly int[] Samples = [.. Enumerable.Range(100, 10)];

    [Fact]
    public void An_epoch_holds_every_sample_once_and_its_last_batch_may_be_short()
    {
        int[][] batches = [.. new BatchSampler(Samples, 4, seed: 1, device: 0).Epochs(round: 1, epochs: 1)];
        Assert.Equal([4, 4, 2], batches.Select(batch => batch.Length));
        Assert.Equal(Samples, batches.SelectMany(batch => batch).Order());
        Assert.NotEqual(Samples, batches.SelectMany(batch => batch));
    }

    [Fact]
    public void Local_steps_run_on_through_as_many_epochs_as_they_need()
    {
        var sampler = new BatchSampler(Samples, 4, seed: 1, device: 0);
        int[][] steps = [.. sampler.Steps(round: 3, steps: 8)];
        Assert.Equal([4, 4, 2, 4, 4, 2, 4, 4], steps.Select(batch => batch.Length));
        Assert.Equal(sampler.Epochs(round: 3, epochs: 3).Take(8), steps);
        Assert.NotEqual(steps[..3].SelectMany(batch => batch), steps[3..6].SelectMany(batch => batch));
        Assert.Equal(Samples, steps[3..6].SelectMany(batch => batch).Order());
    }

    [Fact]
    public void The_order_depends_on_seed_device_round_and_epoch_and_on_nothing_else()
    {
        int[][] orders =
        [
            Order(1, 0, 1), Order(2, 0, 1), Order(1, 1, 1), Order(1, 0, 2),
            [.. new BatchSampler(Samples, 10, 1, 0).Epochs(1, 2).Last()],
        ];
        Assert.Equal(orders.Length, orders.Select(order => string.Join(',', order)).Distinct().Count());
        Assert.Equal(Order(1, 0, 1), new BatchSampler(Samples, 3, 1, 0).Epochs(1, 1).SelectMany(batch => batch));

        static int[] Order(ulong seed, int device, int round) =>
            [.. new BatchSampler(Samples, 10, seed, device).Epochs(round, 1).SelectMany(batch => batch)];
    }

    [Fact]
    public void The_order_is_the_golden_one() =>
        Assert.Equal([102, 101, 107, 108, 109, 105, 100, 106, 104, 103], new BatchSampler(Samples, 10, seed: 42, device: 3).Steps(round: 2, steps: 1).Single());

    [Fact]
    public void Counts_are_known_beforehand() =>
        Gen.Select(Gen.Int[1, 50], Gen.Int[1, 60], Gen.Int[0, 40]).Sample((samples, batchSize, steps) =>
        {
            var sampler = new BatchSampler([.. Enumerable.Range(0, samples)], batchSize, 1, 0);
            int[][] batches = [.. sampler.Steps(1, steps)];
            Assert.Equal(steps, batches.Length);
            Assert.Equal(batches.Sum(batch => (long)batch.Length), sampler.SamplesInBatches(steps));
            Assert.Equal(sampler.BatchesInEpochs(3), sampler.Epochs(1, 3).Count());
            Assert.All(batches, batch => Assert.InRange(batch.Length, 1, batchSize));
        });

    [Fact]
    public void A_batch_larger_than_any_set_is_the_whole_set() =>
        Assert.Equal(10, new BatchSampler(Samples, int.MaxValue, 1, 0).Steps(1, 1).Single().Length);
}
