using EdgeSplit.Numerics;

namespace EdgeSplit.Tests.Numerics;

/// <summary>
/// The golden values, made by another implementation of the same definitions, hold on every platform and version: partitions, batches
/// and weights depend on them.
/// </summary>
public class SeededRandomTests
{
    [Fact]
    public void Whole_numbers_are_the_golden_ones()
    {
        var random = new SeededRandom(42, 7, 1);
        Assert.Equal([912, 976, 0, 65, 270, 647, 137, 548], Enumerable.Range(0, 8).Select(_ => random.NextInt(1000)));
        Assert.Equal([321439924, 1211584270, 829053891], Enumerable.Range(0, 3).Select(_ => random.NextInt(int.MaxValue)));
        Assert.Equal(13250698400770874004UL, random.NextBits());
    }

    [Fact]
    public void Gaussians_are_the_golden_ones_to_the_bit()
    {
        var random = new SeededRandom(42, 7, 2);
        Assert.Equal(
            ["bfefa273f9b73358", "3fe5ce1cd2692ca5", "3ff0d2f0c43c8083", "bfcab7c67e0495b2", "bfe8efe85eb61574"],
            Enumerable.Range(0, 5).Select(_ => $"{BitConverter.DoubleToInt64Bits(random.NextGaussian()):x16}"));
    }

    [Fact]
    public void Every_word_of_the_key_changes_the_numbers()
    {
        ulong[] first = [.. new ulong[][] { [], [0], [1], [0, 0], [0, 1], [1, 0] }.Select(stream => new SeededRandom(5, stream).NextBits())];
        Assert.Equal(first.Length, first.Distinct().Count());
        Assert.NotEqual(new SeededRandom(5).NextBits(), new SeededRandom(6).NextBits());
    }

    [Fact]
    public void Gaussians_have_the_moments_of_the_standard_normal()
    {
        const int Count = 400_000;
        var random = new SeededRandom(3);
        double sum = 0, squares = 0, fourths = 0;
        for (int trial = 0; trial < Count; trial++)
        {
            double x = random.NextGaussian();
            sum += x;
            squares += x * x;
            fourths += x * x * x * x;
        }

        // Five standard errors of each moment.
        Assert.InRange(sum / Count, -0.008, 0.008);
        Assert.InRange(squares / Count, 1 - 0.0112, 1 + 0.0112);
        Assert.InRange(fourths / Count, 3 - 0.0775, 3 + 0.0775);
    }

    [Fact]
    public void Whole_numbers_are_even_over_a_range_that_does_not_divide_the_bits()
    {
        int[] counts = new int[7];
        var random = new SeededRandom(4);
        for (int trial = 0; trial < 70_000; trial++)
            counts[random.NextInt(7)]++;
        Assert.All(counts, count => Assert.InRange(count, 9_500, 10_500));
    }
}
