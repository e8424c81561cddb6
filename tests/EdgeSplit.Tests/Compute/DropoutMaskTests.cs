using EdgeSplit.Compute;
using EdgeSplit.Numerics;

namespace EdgeSplit.Tests.Compute;

public class DropoutMaskTests
{
    private static readonly StepKey Key = new(Seed: 1, Device: 2, Round: 3, Step: 4);

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Elements_are_dropped_at_the_probability_and_the_rest_scaled(double probability)
    {
        float[] mask = Mask(1_000_000, probability, Key);
        double dropped = mask.Count(value => value == 0) / (double)mask.Length;
        // Five standard deviations.
        Assert.InRange(dropped, probability - 0.0025, probability + 0.0025);
        Assert.All(mask.Where(value => value != 0).Distinct(), value => Assert.Equal((float)(1 / (1 - probability)), value));
    }

    [Fact]
    public void An_element_s_fate_is_its_index_s_whatever_the_length()
    {
        float[] whole = Mask(1000, 0.5, Key);
        for (int length = 0; length < 70; length++)
            Assert.Equal(whole[..length], Mask(length, 0.5, Key));
    }

    [Fact]
    public void Whatever_names_the_step_or_the_layer_changes_the_mask()
    {
        float[][] masks =
        [
            Mask(256, 0.5, Key), Mask(256, 0.5, Key with { Seed = 9 }), Mask(256, 0.5, Key with { Device = 9 }),
            Mask(256, 0.5, Key with { Round = 9 }), Mask(256, 0.5, Key with { Step = 9 }),
            Mask(256, 0.5, Key, block: 2), Mask(256, 0.5, Key, layer: 1),
        ];
        for (int one = 0; one < masks.Length; one++)
        {
            for (int other = 0; other < one; other++)
            {
                // Independent masks agree on half of their elements: 128, give or take 5 standard deviations of 8.
                Assert.InRange(masks[one].Zip(masks[other]).Count(pair => pair.First == pair.Second), 88, 168);
            }
        }
    }

    [Fact]
    public void Certainty_drops_everything_and_impossibility_nothing()
    {
        Assert.All(Mask(100, 1, Key), value => Assert.Equal(0, value));
        Assert.All(Mask(100, 0, Key), value => Assert.Equal(1, value));
    }

    /// <summary>The same everywhere: vectors of other widths, other platforms.</summary>
    [Fact]
    public void The_first_elements_are_pinned() =>
        Assert.Equal(
            "0101011011110100000110110110010111110110100101001001100000000111",
            string.Concat(Mask(64, 0.5, Key).Select(value => value == 0 ? '0' : '1')));

    private static float[] Mask(int length, double probability, StepKey key, int block = 1, int layer = 0)
    {
        float[] mask = new float[length];
        DropoutMask.Fill(mask, probability, key, block, layer);
        return mask;
    }
}
