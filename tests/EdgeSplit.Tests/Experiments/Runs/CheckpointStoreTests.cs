using EdgeSplit.Compute;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Models;
using EdgeSplit.Numerics;
using EdgeSplit.Tests.Data;
using EdgeSplit.Tests.Torch;
using EdgeSplit.Tests.Training;
using EdgeSplit.Training;

namespace EdgeSplit.Tests.Experiments.Runs;

public sealed class CheckpointStoreTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CheckpointStore store;
    private readonly List<string> warnings = [];

    public CheckpointStoreTests() => store = new CheckpointStore(folder.At("checkpoints"));

    private static Network Network => TorchLane.SmallNetwork;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_last_two_are_kept_and_the_newest_is_read_back_bit_for_bit()
    {
        for (int round = 1; round <= 5; round++)
            Write(round);

        Assert.Equal([store.PathOf(4), store.PathOf(5)], Files());
        (Checkpoint checkpoint, Weights weights) = Latest();
        Assert.Equal(CheckpointOf(5), checkpoint);
        using (weights)
        using (Weights written = WeightsOf(5))
            TrainingScenario.AssertBitwiseEqual(written, weights);
        Assert.Empty(warnings);
    }

    [Fact]
    public void Any_torch_reader_can_open_one()
    {
        Write(1);
        using Weights weights = SafetensorsFile.Read(store.PathOf(1));
        Assert.Equal(Network.Parameters.Length, weights.Count);
    }

    [Fact]
    public void What_server_momentum_keeps_is_kept_with_the_weights_and_missed_if_it_is_gone()
    {
        using Weights weights = WeightsOf(1), velocity = WeightsOf(2);
        store.Write(CheckpointOf(1), weights, velocity);

        (_, Weights readWeights, Weights? readVelocity) = store.Latest(Network, warnings.Add)!.Value;

        TrainingScenario.AssertBitwiseEqual(weights, readWeights);
        TrainingScenario.AssertBitwiseEqual(velocity, readVelocity!);
        byte[] file = File.ReadAllBytes(store.PathOf(1));
        file[^1] ^= 1;
        File.WriteAllBytes(store.PathOf(1), file);
        Assert.Null(store.Latest(Network, warnings.Add));
    }

    [Fact]
    public void A_bit_flipped_anywhere_is_found_out_or_changes_nothing()
    {
        Write(1);
        Write(2);
        byte[] sound = File.ReadAllBytes(store.PathOf(2));
        SeededRandom random = new(5);
        int foundOut = 0;
        for (int place = 0; place < sound.Length; place++)
        {
            byte[] flipped = [.. sound];
            flipped[place] ^= (byte)(1 << random.NextInt(8));
            File.WriteAllBytes(store.PathOf(2), flipped);
            (Checkpoint checkpoint, Weights weights) = Latest();
            using (weights)
            using (Weights written = WeightsOf(checkpoint.Round))
                TrainingScenario.AssertBitwiseEqual(written, weights);
            Assert.Equal(CheckpointOf(checkpoint.Round), checkpoint);
            foundOut += checkpoint.Round == 1 ? 1 : 0;
        }

        // All but the padding, and what the format lets a reader ignore.
        Assert.InRange(foundOut, sound.Length - 20, sound.Length);
        Assert.Equal(foundOut, warnings.Count);
    }

    [Fact]
    public void One_cut_short_is_passed_over_for_the_one_before_and_told()
    {
        Write(1);
        Write(2);
        byte[] whole = File.ReadAllBytes(store.PathOf(2));
        for (int length = 0; length < whole.Length; length += 7)
        {
            File.WriteAllBytes(store.PathOf(2), whole[..length]);
            (Checkpoint checkpoint, Weights weights) = Latest();
            weights.Dispose();
            Assert.Equal(1, checkpoint.Round);
        }

        Assert.All(warnings, warning => Assert.StartsWith("the checkpoint of round 2 is passed over for the one before: ", warning, StringComparison.Ordinal));
        Assert.Contains(store.PathOf(2), warnings[0], StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_is_missing_leaves_the_one_before()
    {
        Write(1);
        Write(2);
        File.Delete(store.PathOf(2));
        (Checkpoint checkpoint, Weights weights) = Latest();
        weights.Dispose();
        Assert.Equal(1, checkpoint.Round);
    }

    [Fact]
    public void Where_none_is_sound_there_is_none()
    {
        Assert.Null(store.Latest(Network, warnings.Add));
        Write(1);
        File.Move(store.PathOf(1), store.PathOf(3));
        Assert.Null(store.Latest(Network, warnings.Add));
        Assert.Contains("it is of round 1, whatever its name says", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Writing_removes_rounds_that_come_again_and_unfinished_files_but_nothing_else()
    {
        Write(1);
        Write(7);
        File.WriteAllText(store.PathOf(2) + ".123.tmp", "half");
        File.WriteAllText(Path.Combine(store.Location, "notes.txt"), "mine");
        Write(2);
        Assert.Equal([Path.Combine(store.Location, "notes.txt"), store.PathOf(1), store.PathOf(2)], Files());
        store.Clear();
        Assert.Equal([Path.Combine(store.Location, "notes.txt")], Files());
    }

    private string[] Files() => [.. Directory.GetFiles(store.Location).Order(StringComparer.Ordinal)];

    private void Write(int round)
    {
        using Weights weights = WeightsOf(round);
        store.Write(CheckpointOf(round), weights);
    }

    private (Checkpoint Checkpoint, Weights Weights) Latest() =>
        store.Latest(Network, warnings.Add) is ({ } checkpoint, { } weights, null) ? (checkpoint, weights) : throw new InvalidOperationException("none is sound");

    private static Weights WeightsOf(int round) => WeightInitializer.Initialize(Network, (ulong)round);

    private static Checkpoint CheckpointOf(int round) => new(
        round, round % 2 == 0 ? null : new Evaluation(0.5, double.NaN, 10), "digest", ElapsedSeconds: round, EventBytes: 100 * round, MetricBytes: 10 * round);
}
