using EdgeSplit.Training;

namespace EdgeSplit.Tests.Training;

public class CrossEntropyTests
{
    [Fact]
    public void Equal_logits_cost_the_logarithm_of_the_classes()
    {
        (double loss, int correct) = CrossEntropy.Sum([2f, 2f, 2f, 2f], [3], classes: 4);
        Assert.Equal(Math.Log(4), loss, 12);
        Assert.Equal(0, correct);
    }

    [Fact]
    public void Huge_logits_do_not_overflow()
    {
        (double loss, int correct) = CrossEntropy.Sum([1e30f, 0f, 0f, 1e30f], [0, 0], classes: 2);
        Assert.Equal(1e30f, loss);
        Assert.Equal(1, correct);
    }
}
