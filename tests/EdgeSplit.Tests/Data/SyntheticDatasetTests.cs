using EdgeSplit.Data;
using EdgeSplit.Numerics;

namespace EdgeSplit.Tests.Data;

public class SyntheticDatasetTests
{
    private static readonly DataSource.Synthetic Source = new(new Shape(3, 8, 8), 4, TrainCount: 200, TestCount: 40, Noise: 0.5);

    [Fact]
    public void The_same_seed_gives_the_golden_bits()
    {
        DataSplit split = SampleFiles.Load(Source, seed: 42);
        Assert.Equal(
            ["bf257a16", "bdc6c3f0", "bef3e8e6"],
            new[] { SampleFiles.Values(split.Train, 7)[100], SampleFiles.Values(split.Train, 7)[101], SampleFiles.Values(split.Test, 7)[100] }
                .Select(value => $"{BitConverter.SingleToInt32Bits(value):x8}"));
        Assert.Equal(SampleFiles.Values(split.Train, 7), SampleFiles.Values(SampleFiles.Load(Source, seed: 42).Train, 7));
        Assert.NotEqual(SampleFiles.Values(split.Train, 7), SampleFiles.Values(SampleFiles.Load(Source, seed: 43).Train, 7));
    }

    [Fact]
    public void Classes_are_balanced_and_can_be_told_apart_across_train_and_test()
    {
        DataSplit split = SampleFiles.Load(Source);
        Assert.Equal(50, split.Train.Labels.Count(2));
        float[][] means = [.. Enumerable.Range(0, 4).Select(c => Mean(split.Train, c))];
        for (int index = 0; index < split.Test.Count; index++)
        {
            float[] sample = SampleFiles.Values(split.Test, index);
            int nearest = Enumerable.Range(0, 4).MinBy(c => means[c].Zip(sample, (a, b) => (a - b) * (a - b)).Sum());
            Assert.Equal(split.Test.Labels[index], nearest);
        }
    }

    [Fact]
    public void Noise_has_its_standard_deviation_and_no_mean()
    {
        var source = new DataSource.Synthetic(new Shape(100), 1, 2000, 1, Noise: 0.5);
        Dataset train = SampleFiles.Load(source).Train;
        float[] mean = Mean(train, 0);
        double squares = 0;
        for (int index = 0; index < train.Count; index++)
            squares += SampleFiles.Values(train, index).Zip(mean, (a, b) => (double)(a - b) * (a - b)).Sum();
        Assert.Equal(0.5, Math.Sqrt(squares / (100 * 2000)), 0.01);
        Assert.Equal(1, Math.Sqrt(mean.Average(value => value * value)), 0.35);
    }

    [Fact]
    public void Every_impossible_number_is_named()
    {
        IReadOnlyList<Fault> faults = SampleFiles.Faults(new DataSource.Synthetic(new Shape(), 0, 0, -1, double.NaN));
        Assert.Equal(["data.classes", "data.trainSamples", "data.testSamples", "data.noise", "data.shape"], faults.Select(fault => fault.Where));
        Assert.Contains("over 1 GiB", Assert.Single(SampleFiles.Faults(
            new DataSource.Synthetic(new Shape(int.MaxValue, int.MaxValue, int.MaxValue), 2, 1, 1, 0))).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Subsets_are_drawn_by_seed_without_repetition()
    {
        DataSplit split = SampleFiles.Load(Source, trainSamples: 50, testSamples: 40, seed: 1);
        Assert.Equal((50, 40), (split.Train.Count, split.Test.Count));
        Assert.IsType<DatasetSubset>(split.Train);
        string[] first = Samples(split.Train);
        Assert.Equal(50, first.Distinct().Count());
        Assert.Equal(first, Samples(SampleFiles.Load(Source, 50, seed: 1).Train));

        DatasetSubset other = DatasetSubset.Draw(SampleFiles.Load(Source, seed: 1).Train, 50, new SeededRandom(2));
        Assert.NotEqual(first, Samples(other));
    }

    [Fact]
    public void More_samples_than_there_are_is_a_fault_of_each_part()
    {
        IReadOnlyList<Fault> faults = SampleFiles.Faults(Source, trainSamples: 201, testSamples: 0);
        Assert.Equal(["data.trainSamples", "data.testSamples"], faults.Select(fault => fault.Where));
        Assert.Contains("201 training samples of a set that has 200", faults[0].Problem, StringComparison.Ordinal);
    }

    private static string[] Samples(Dataset set) =>
        [.. Enumerable.Range(0, set.Count).Select(index => $"{set.Labels[index]}:{string.Join(',', SampleFiles.Values(set, index).Take(4))}")];

    private static float[] Mean(Dataset set, int label)
    {
        float[][] samples =
            [.. Enumerable.Range(0, set.Count).Where(index => set.Labels[index] == label).Select(index => SampleFiles.Values(set, index))];
        return [.. Enumerable.Range(0, samples[0].Length).Select(k => samples.Average(sample => sample[k]))];
    }
}
