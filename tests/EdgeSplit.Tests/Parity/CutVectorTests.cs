using EdgeSplit.Compute;
using EdgeSplit.Tests.Torch;
using EdgeSplit.Tests.Training;
using EdgeSplit.Torch;
using EdgeSplit.Training;

namespace EdgeSplit.Tests.Parity;

/// <summary>The cut never changes the result: any cut vector gives federated averaging's weights, bit for bit.</summary>
[Collection(TorchCollection.Name)]
public class CutVectorTests
{
    [Theory]
    [InlineData("lenet5", null, 1)]
    [InlineData("lenet5", 0.25, 2)]
    [InlineData("lenet5", 0.25, 3)]
    [InlineData("resnet18", null, 4)]
    [InlineData("resnet18", 0.25, 5)]
    public async Task Random_cuts_equal_federated_averaging_after_three_rounds(string model, double? dropout, ulong seed)
    {
        TrainingScenario scenario = new(model) { Dropout = dropout };
        int[] cuts = scenario.RandomCuts(seed);
        Assert.True(cuts.Distinct().Count() > 1, "the cuts should be unequal");
        await using ComputeLanes lanes = new(new TorchEngine(), count: 2);

        TrainingResult whole = await scenario.TrainAsync(lanes, scenario.FullLocal);
        TrainingResult split = await scenario.TrainAsync(lanes, cuts);

        using (whole.Weights)
        using (split.Weights)
            TrainingScenario.AssertBitwiseEqual(whole.Weights, split.Weights);
        Assert.Equal(whole.Evaluation, split.Evaluation);
    }

    [Fact]
    public async Task The_number_of_lanes_changes_no_bit()
    {
        TrainingScenario scenario = new("lenet5") { Dropout = 0.5, LocalWork = new LocalWork.Epochs(1) };
        int[] cuts = scenario.RandomCuts(11);
        await using ComputeLanes one = new(new TorchEngine(), count: 1);
        await using ComputeLanes three = new(new TorchEngine(), count: 3);

        TrainingResult alone = await scenario.TrainAsync(one, cuts);
        TrainingResult together = await scenario.TrainAsync(three, cuts);

        using (alone.Weights)
        using (together.Weights)
            TrainingScenario.AssertBitwiseEqual(alone.Weights, together.Weights);
    }
}
