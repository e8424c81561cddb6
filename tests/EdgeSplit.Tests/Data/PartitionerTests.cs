using System.Buffers.Binary;
using System.Security.Cryptography;
using CsCheck;
using EdgeSplit.Data;

namespace EdgeSplit.Tests.Data;

public class PartitionerTests
{
    public static TheoryData<PartitionSpec, string> Golden => new()
    {
        { new PartitionSpec.Iid(), "32108a8c8ff15b14" },
        { new PartitionSpec.Dirichlet(0.5, 10), "8615e0306a4f6732" },
        { new PartitionSpec.Dirichlet(5, 1), "b7638fbbeeadc579" },
        { new PartitionSpec.ClassesPerDevice(2), "f59e141e1a06e1bf" },
        { new PartitionSpec.SizeSkew(0.3, 5), "5bbe9ceb513576a9" },
    };

    [Theory]
    [MemberData(nameof(Golden), DisableDiscoveryEnumeration = true)]
    public void The_same_seed_gives_the_same_partition_on_every_platform(PartitionSpec spec, string digest) =>
        Assert.Equal(digest, Digest(Partitioner.Deal(spec, Labels(2000, 10), 10, 8, seed: 7)));

    [Fact]
    public void Another_seed_gives_another_partition() =>
        Assert.NotEqual(
            Digest(Partitioner.Deal(new PartitionSpec.Iid(), Labels(100, 10), 10, 4, seed: 1)),
            Digest(Partitioner.Deal(new PartitionSpec.Iid(), Labels(100, 10), 10, 4, seed: 2)));

    [Fact]
    public void No_sample_is_lost_or_dealt_twice_and_no_device_is_left_empty() =>
        Gen.Select(Gen.Int[0, 3], Gen.Double[0.001, 20], Gen.Int[1, 3], Gen.Int[1, 12], Gen.Int[1, 40], Gen.Int[40, 600], Gen.ULong)
            .Sample((kind, alpha, few, classes, devices, samples, seed) =>
            {
                PartitionSpec spec = kind switch
                {
                    0 => new PartitionSpec.Iid(),
                    1 => new PartitionSpec.Dirichlet(alpha, 1),
                    2 => new PartitionSpec.ClassesPerDevice(few),
                    _ => new PartitionSpec.SizeSkew(alpha, 1),
                };
                int[] labels = Labels(samples, classes);
                IReadOnlyList<int[]> partition;
                try
                {
                    partition = Partitioner.Deal(spec, labels, classes, devices, seed);
                }
                catch (InvalidInputException error)
                {
                    // Only what may be impossible may be refused.
                    Assert.True(kind is 1 or 2, error.Message);
                    return;
                }

                Assert.Equal(devices, partition.Count);
                Assert.All(partition, Assert.NotEmpty);
                Assert.All(partition, device => Assert.Equal(device.Order(), device));
                Assert.Equal(Enumerable.Range(0, samples), partition.SelectMany(device => device).Order());
                if (spec is PartitionSpec.ClassesPerDevice)
                    Assert.All(partition, device => Assert.Equal(few, device.Select(index => labels[index]).Distinct().Count()));
                if (spec is PartitionSpec.Iid)
                    Assert.InRange(partition.Max(device => device.Length) - partition.Min(device => device.Length), 0, 1);
            }, iter: 500);

    [Theory]
    [InlineData(0.001)]
    [InlineData(0.01)]
    [InlineData(1)]
    [InlineData(1000)]
    public void Dirichlet_shares_are_finite_and_sum_to_one_for_every_alpha(double alpha)
    {
        double[] shares = new double[50];
        var random = new EdgeSplit.Numerics.SeededRandom(1);
        for (int draw = 0; draw < 200; draw++)
        {
            DirichletShares.Draw(shares, alpha, random);
            Assert.All(shares, share => Assert.InRange(share, 0, 1));
            Assert.Equal(1, shares.Sum(), 1e-12);
        }
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(1)]
    [InlineData(4)]
    public void Dirichlet_shares_have_its_mean_and_variance(double alpha)
    {
        const int Devices = 5, Draws = 20_000;
        double[] shares = new double[Devices];
        double sum = 0, squares = 0;
        var random = new EdgeSplit.Numerics.SeededRandom(2);
        for (int draw = 0; draw < Draws; draw++)
        {
            DirichletShares.Draw(shares, alpha, random);
            sum += shares[0];
            squares += shares[0] * shares[0];
        }

        double mean = sum / Draws;
        Assert.Equal(1.0 / Devices, mean, 0.015);
        double variance = (1.0 / Devices) * (1 - (1.0 / Devices)) / ((Devices * alpha) + 1);
        Assert.Equal(1, ((squares / Draws) - (mean * mean)) / variance, 0.06);
    }

    [Fact]
    public void A_small_alpha_makes_classes_more_unequal_than_a_large_one()
    {
        int[] labels = Labels(5000, 10);
        Assert.True(LargestClassShare(0.1) > LargestClassShare(10) + 0.2);

        double LargestClassShare(double alpha) => Partitioner
            .Deal(new PartitionSpec.Dirichlet(alpha, 10), labels, 10, 10, seed: 3)
            .Average(device => device.GroupBy(index => labels[index]).Max(group => group.Count()) / (double)device.Length);
    }

    [Fact]
    public void Minimum_sizes_hold()
    {
        Assert.All(
            Partitioner.Deal(new PartitionSpec.Dirichlet(0.5, 50), Labels(2000, 10), 10, 10, seed: 4),
            device => Assert.True(device.Length >= 50));
        Assert.All(
            Partitioner.Deal(new PartitionSpec.SizeSkew(0.01, 50), Labels(2000, 10), 10, 10, seed: 4),
            device => Assert.True(device.Length >= 50));
    }

    [Fact]
    public void Few_classes_per_device_cover_every_class_evenly()
    {
        int[] labels = Labels(1000, 10);
        IReadOnlyList<int[]> partition = Partitioner.Deal(new PartitionSpec.ClassesPerDevice(3), labels, 10, 7, seed: 5);
        int[] holders = new int[10];
        foreach (int[] device in partition)
        {
            foreach (int c in device.Select(index => labels[index]).Distinct())
                holders[c]++;
        }

        Assert.All(holders, count => Assert.InRange(count, 2, 3));
    }

    public static TheoryData<PartitionSpec, int, string, string> Impossible => new()
    {
        { new PartitionSpec.Iid(), 101, "devices", "101 devices for 100 training samples" },
        { new PartitionSpec.Iid(), 0, "devices", "no devices" },
        { new PartitionSpec.Dirichlet(0, 1), 4, "data.partition.alpha", "alpha of 0" },
        { new PartitionSpec.Dirichlet(double.NaN, 1), 4, "data.partition.alpha", "alpha of NaN" },
        { new PartitionSpec.Dirichlet(1, 0), 4, "data.partition.minimumSamples", "minimum of 0" },
        { new PartitionSpec.Dirichlet(1, 26), 4, "data.partition.minimumSamples", "more than the 100 there are" },
        { new PartitionSpec.Dirichlet(0.001, 25), 4, "data.partition", "none of 1000 draws" },
        { new PartitionSpec.SizeSkew(-1, 1), 4, "data.partition.alpha", "alpha of -1" },
        { new PartitionSpec.ClassesPerDevice(0), 4, "data.partition.classesPerDevice", "0 classes" },
        { new PartitionSpec.ClassesPerDevice(11), 4, "data.partition.classesPerDevice", "11 classes per device" },
        { new PartitionSpec.ClassesPerDevice(2), 4, "data.partition.classesPerDevice", "leave some of the 10 classes to nobody" },
        { new PartitionSpec.ClassesPerDevice(10), 50, "data.partition.classesPerDevice", "the smallest class has 10 samples" },
    };

    [Theory]
    [MemberData(nameof(Impossible), DisableDiscoveryEnumeration = true)]
    public void What_cannot_be_dealt_is_refused_with_the_key_and_a_remedy(PartitionSpec spec, int devices, string where, string problem)
    {
        Fault fault = Assert.Single(Assert.Throws<InvalidInputException>(
            () => Partitioner.Deal(spec, Labels(100, 10), 10, devices, seed: 1)).Faults);
        Assert.Equal(where, fault.Where);
        Assert.Contains(problem, fault.Problem, StringComparison.Ordinal);
        Assert.NotNull(fault.Remedy);
    }

    [Fact]
    public void All_faults_are_said_at_once() =>
        Assert.Equal(3, Assert.Throws<InvalidInputException>(
            () => Partitioner.Deal(new PartitionSpec.Dirichlet(-1, 0), Labels(100, 10), 10, 200, seed: 1)).Faults.Count);

    [Fact]
    public void A_summary_counts_each_device_s_samples_by_class()
    {
        int[] labels = [0, 1, 1, 2];
        var train = new TableDataset(new float[4], ["x"], labels, ["a", "b", "c"]);
        PartitionSummary summary = PartitionSummary.Of(train, [[1, 2, 3], [0]]);
        Assert.Equal(4, summary.Samples);
        Assert.Equal([3, 1], summary.Devices.Select(device => device.Samples));
        Assert.Equal([0, 2, 1], summary.Devices[0].ClassHistogram);
        Assert.Equal([1, 0, 0], summary.Devices[1].ClassHistogram);
    }

    private static int[] Labels(int samples, int classes) => [.. Enumerable.Range(0, samples).Select(index => index % classes)];

    private static string Digest(IReadOnlyList<int[]> partition)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] word = new byte[4];
        foreach (int index in partition.SelectMany(device => device.Prepend(device.Length)))
        {
            BinaryPrimitives.WriteInt32LittleEndian(word, index);
            hash.AppendData(word);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
