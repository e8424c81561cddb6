using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Models.Layers;
using EdgeSplit.Numerics;
using EdgeSplit.Training.Methods;

namespace EdgeSplit.Tests.Training.Methods;

public class ServerMomentumTests
{
    private static readonly Network Network = new(new ModelSpec("one", new Shape(1, 1, 1), 1, [new Block("only", new BatchNorm2d(1) { Name = "bn" }, new Flatten())]));

    [Fact]
    public void Two_rounds_are_those_of_a_hand_computation()
    {
        using Weights first = Of(weight: 8), mean = Of(weight: 6);
        // v = 0.5 * 0 + (8 - 6) = 2; w = 8 - 2 = 6.
        Weights velocity = ServerMomentum.Move(Network, 0.5, first, mean, velocity: null);
        Assert.Equal((2, 6), (velocity["bn.weight"].As<float>()[0], mean["bn.weight"].As<float>()[0]));

        // v = 0.5 * 2 + (6 - 5) = 2; w = 6 - 2 = 4.
        using Weights next = Of(weight: 5);
        velocity = ServerMomentum.Move(Network, 0.5, mean, next, velocity);
        Assert.Equal((2, 4), (velocity["bn.weight"].As<float>()[0], next["bn.weight"].As<float>()[0]));
    }

    [Fact]
    public void Running_statistics_and_counters_stay_the_mean_s()
    {
        using Weights before = Of(weight: 8), mean = Of(weight: 6);
        mean["bn.running_mean"].As<float>()[0] = 3;
        mean["bn.num_batches_tracked"].As<long>()[0] = 7;

        Weights velocity = ServerMomentum.Move(Network, 0.5, before, mean, velocity: null);

        Assert.Equal(["bn.weight", "bn.bias"], velocity.Select(entry => entry.Key));
        Assert.Equal(3, mean["bn.running_mean"].As<float>()[0]);
        Assert.Equal(7, mean["bn.num_batches_tracked"].As<long>()[0]);
    }

    private static Weights Of(float weight)
    {
        Weights weights = WeightInitializer.Initialize(Network, 1);
        weights["bn.weight"].As<float>()[0] = weight;
        return weights;
    }
}
