using EdgeSplit.Training;

namespace EdgeSplit.Tests.Training;

public class LearningRateScheduleTests
{
    [Fact]
    public void Constant_stays() => Assert.Equal(0.1, new LearningRateSchedule.Constant(0.1).At(7, 10));

    [Theory]
    [InlineData(1, 1.0)]
    [InlineData(3, 1.0)]
    [InlineData(4, 0.1)]
    [InlineData(7, 0.01)]
    public void Steps_multiply_after_every_so_many_rounds(int round, double expected) =>
        Assert.Equal(expected, new LearningRateSchedule.Step(1, Every: 3, Factor: 0.1).At(round, 10), 12);

    [Theory]
    [InlineData(1, 1.0)]
    [InlineData(6, 0.505)]
    [InlineData(11, 0.01)]
    public void A_cosine_starts_high_ends_low_and_is_half_way_in_the_middle(int round, double expected) =>
        Assert.Equal(expected, new LearningRateSchedule.Cosine(1, Final: 0.01).At(round, 11), 12);

    [Fact]
    public void A_cosine_of_one_round_is_its_start() => Assert.Equal(0.5, new LearningRateSchedule.Cosine(0.5, 0).At(1, 1));
}
