using EdgeSplit.Compute;
using EdgeSplit.Tests.Torch;
using EdgeSplit.Tests.Training;
using EdgeSplit.Torch;
using EdgeSplit.Training;

namespace EdgeSplit.Tests.Parity;

/// <summary>Where two methods must come to the same weights, they do, bit for bit.</summary>
[Collection(TorchCollection.Name)]
public class MethodIdentityTests
{
    private static readonly OptimizerSpec FedProx = new OptimizerSpec.Sgd(Momentum: 0.9) { WeightDecay = 5e-4, Proximal = 0.1 };

    [Theory]
    [InlineData(Method.Split)]
    [InlineData(Method.SplitFedV1)]
    [InlineData(Method.SplitFedV2)]
    [InlineData(Method.Psl)]
    public async Task With_one_device_every_method_is_centralized_training(Method method)
    {
        TrainingScenario centralized = new("lenet5", Devices: 1) { Method = Method.Centralized, Dropout = 0.25 };
        await AssertEqualAsync(centralized, centralized.FullLocal, centralized with { Method = method }, [2]);
    }

    [Fact]
    public async Task Batch_normalisation_over_the_concatenated_batch_of_one_device_is_its_own()
    {
        TrainingScenario centralized = new("resnet18", Devices: 1) { Method = Method.Centralized, Rounds = 1, LocalWork = new LocalWork.Steps(2), BatchSize = 4 };
        await AssertEqualAsync(centralized, centralized.FullLocal, centralized with { Method = Method.Psl }, [3]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task The_cut_changes_no_bit_of_a_relay(int cut)
    {
        TrainingScenario relay = new("lenet5") { Method = Method.Split, Dropout = 0.25 };
        await AssertEqualAsync(relay, relay.FullLocal, relay, [.. Enumerable.Repeat(cut, relay.Devices)]);
    }

    [Fact]
    public async Task Without_a_server_side_to_share_psl_is_federated_averaging()
    {
        TrainingScenario averaged = new("lenet5") { Method = Method.FedAvg, Rounds = 2 };
        await AssertEqualAsync(averaged, averaged.FullLocal, averaged with { Method = Method.Psl }, averaged.FullLocal);
    }

    [Fact]
    public async Task The_cut_changes_no_bit_of_FedProx()
    {
        TrainingScenario scenario = new("lenet5") { Optimizer = FedProx };
        await AssertEqualAsync(scenario, scenario.FullLocal, scenario with { Method = Method.SplitFedV1 }, [2, 2, 2, 2]);
    }

    [Fact]
    public async Task The_cut_changes_no_bit_of_FedAvgM_nor_does_going_on_from_a_round()
    {
        TrainingScenario scenario = new("lenet5") { ServerMomentum = 0.5, Rounds = 4, EvaluateEvery = 4 };
        await using ComputeLanes lanes = new(new TorchEngine(), count: 2);
        using CancellationTokenSource stop = new();
        TrainingResult half = await scenario.TrainAsync(lanes, new GivenCuts(scenario.RandomCuts(3)), stop: stop.Token, roundDone: done =>
        {
            if (done.Rounds == 2)
                stop.Cancel();
        });
        Assert.NotNull(half.Velocity);
        TrainingResult resumed = await scenario.TrainAsync(lanes, new GivenCuts(scenario.RandomCuts(4)), start: half);
        TrainingResult straight = await scenario.TrainAsync(lanes, scenario.FullLocal);

        using (resumed.Weights)
        using (straight.Weights)
            TrainingScenario.AssertBitwiseEqual(straight.Weights, resumed.Weights);
    }

    [Fact]
    public async Task Variations_at_zero_are_not_there()
    {
        TrainingScenario plain = new("lenet5") { Rounds = 2 };
        TrainingScenario zero = plain with { ServerMomentum = 0, Optimizer = plain.Optimizer with { Proximal = 0 } };
        await AssertEqualAsync(plain, plain.FullLocal, zero, [2, 2, 2, 2]);
        TrainingScenario varied = plain with { ServerMomentum = 0.5, Optimizer = plain.Optimizer with { Proximal = 0.5 } };
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => AssertEqualAsync(plain, plain.FullLocal, varied, [2, 2, 2, 2]));
    }

    private static async Task AssertEqualAsync(TrainingScenario expected, IReadOnlyList<int> expectedCuts, TrainingScenario actual, IReadOnlyList<int> cuts)
    {
        await using ComputeLanes lanes = new(new TorchEngine(), count: 2);
        TrainingResult first = await expected.TrainAsync(lanes, expectedCuts);
        TrainingResult second = await actual.TrainAsync(lanes, cuts);
        using (first.Weights)
        using (second.Weights)
            TrainingScenario.AssertBitwiseEqual(first.Weights, second.Weights);
        Assert.Equal(first.Evaluation, second.Evaluation);
    }
}
