using EdgeSplit.Training;

namespace EdgeSplit.Tests.Training;

public class CrossEntropyTests
{
    [Fact]
    public void Equal_logits_cost_the_logarithm_of_the_classes() =>
        Assert.Equal(Math.Log(4), CrossEntropy.Sum([2f, 2f, 2f, 2f], [3], classes: 4), 12);

    [Fact]
    public void Huge_logits_do_not_overflow() => Assert.Equal(1e30f, CrossEntropy.Sum([1e30f, 0f, 0f, 1e30f], [0, 0], classes: 2));

    [Fact]
    public void A_logit_that_is_not_a_number_is_not_hidden() => Assert.True(double.IsNaN(CrossEntropy.Sum([float.NaN, 0f], [1], classes: 2)));
}
