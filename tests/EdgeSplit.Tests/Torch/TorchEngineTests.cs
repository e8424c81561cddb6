using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Models.Layers;
using EdgeSplit.Numerics;
using EdgeSplit.Torch;

namespace EdgeSplit.Tests.Torch;

public class TorchEngineTests
{
    private static readonly SegmentSpec Whole = new(TorchLane.SmallNetwork, 1, 3, new OptimizerSpec.Sgd());

    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda:x")]
    [InlineData("cuda:0:1")]
    [InlineData("")]
    public void An_unknown_device_is_the_users_error_and_says_what_there_is(string device)
    {
        InvalidInputException error = Assert.Throws<InvalidInputException>(() => new TorchEngine(device));
        Assert.Contains("use cpu", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_cuda_device_is_the_users_error_and_says_what_to_do()
    {
        InvalidInputException error = Assert.Throws<InvalidInputException>(() => new TorchEngine("cuda:99"));
        Assert.NotNull(Assert.Single(error.Faults).Remedy);
    }

    [Fact]
    public void Saved_weights_are_those_built_from()
    {
        using Weights weights = WeightInitializer.Initialize(TorchLane.SmallNetwork, 1);
        using ISegment segment = TorchLane.Engine().Build(Whole, weights);
        using Weights saved = segment.Save();
        Assert.Equal(weights.Select(pair => pair.Key), saved.Select(pair => pair.Key));
        Assert.All(saved, pair =>
        {
            Assert.Equal(weights[pair.Key].ElementType, pair.Value.ElementType);
            Assert.Equal(weights[pair.Key].Shape, pair.Value.Shape);
            Assert.Equal(weights[pair.Key].Bytes.ToArray(), pair.Value.Bytes.ToArray());
        });
    }

    [Fact]
    public void Gradients_add_up_until_a_step_clears_them()
    {
        using Weights weights = WeightInitializer.Initialize(TorchLane.SmallNetwork, 1);
        using ISegment segment = TorchLane.Engine().Build(Whole, weights);
        HostTensor input = TorchLane.Random(new Shape(4, 2, 8, 8), 1);
        segment.ForwardBackward(input, [0, 1, 2, 3], default);
        using Weights once = segment.SaveGradients();
        segment.ForwardBackward(input, [0, 1, 2, 3], default);
        using Weights twice = segment.SaveGradients();
        Assert.All(
            once["head.weight"].As<float>().ToArray().Zip(twice["head.weight"].As<float>().ToArray()),
            pair => Assert.Equal(2 * pair.First, pair.Second));
        Assert.Contains(once["head.weight"].As<float>().ToArray(), value => value != 0);
        segment.Step(0.1);
        using Weights cleared = segment.SaveGradients();
        Assert.All(cleared["head.weight"].As<float>().ToArray(), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Training_moves_the_running_statistics_and_counts_batches_but_predicting_does_not()
    {
        using Weights weights = WeightInitializer.Initialize(TorchLane.SmallNetwork, 1);
        using ISegment segment = TorchLane.Engine().Build(Whole, weights);
        HostTensor input = TorchLane.Random(new Shape(4, 2, 8, 8), 1);
        segment.Predict(input).Dispose();
        using Weights before = segment.Save();
        segment.ForwardBackward(input, [0, 1, 2, 3], default);
        using Weights after = segment.Save();
        Assert.Equal(0, before["stem.1.num_batches_tracked"].As<long>()[0]);
        Assert.Equal(weights["stem.1.running_mean"].Bytes.ToArray(), before["stem.1.running_mean"].Bytes.ToArray());
        Assert.Equal(1, after["stem.1.num_batches_tracked"].As<long>()[0]);
        Assert.NotEqual(before["stem.1.running_mean"].Bytes.ToArray(), after["stem.1.running_mean"].Bytes.ToArray());
    }

    [Fact]
    public void A_single_value_per_channel_is_normalised_by_the_running_statistics()
    {
        Network network = TorchLane.NetworkOf(
            new Shape(2, 1, 1), 2,
            new Block("norm", new BatchNorm2d(2) { Name = "norm" }), new Block("head", new Flatten(), new Linear(2, 2) { Name = "head" }));
        using Weights weights = WeightInitializer.Initialize(network, 1);
        using ISegment segment = TorchLane.Engine().Build(new SegmentSpec(network, 1, 2, new OptimizerSpec.Sgd()), weights);
        LossOutcome outcome = segment.ForwardBackward(TorchLane.Random(new Shape(1, 2, 1, 1), 1), [1], default);
        segment.Step(0.1);
        using Weights after = segment.Save();
        Assert.True(double.IsFinite(outcome.Loss));
        Assert.Equal(0, after["norm.num_batches_tracked"].As<long>()[0]);
        Assert.Equal([1f, 1f], after["norm.running_var"].As<float>().ToArray());
        Assert.All(after["norm.bias"].As<float>().ToArray(), value => Assert.True(float.IsFinite(value) && value != 0));
    }

    [Fact]
    public void What_does_not_fit_is_refused_before_libtorch_sees_it()
    {
        using Weights weights = WeightInitializer.Initialize(TorchLane.SmallNetwork, 1);
        using ISegment segment = TorchLane.Engine().Build(Whole, weights);
        using ISegment device = TorchLane.Engine().Build(new SegmentSpec(TorchLane.SmallNetwork, 1, 2, null), weights);
        HostTensor input = TorchLane.Random(new Shape(2, 2, 8, 8), 1);
        Assert.Throws<ArgumentException>(() => segment.Predict(TorchLane.Random(new Shape(2, 2, 8, 7), 1)));
        Assert.Throws<ArgumentException>(() => segment.Predict(TorchLane.Random(new Shape(2, 8, 8), 1)));
        Assert.Throws<ArgumentException>(() => segment.ForwardBackward(input, [0], default));
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.ForwardBackward(input, [0, 5], default));
        Assert.Throws<InvalidOperationException>(() => segment.Backward(input));
        Assert.Throws<InvalidOperationException>(() => device.ForwardBackward(input, [0, 1], default));
        Assert.Throws<InvalidOperationException>(() => device.Step(0.1));
        device.Forward(input, default).Dispose();
        Assert.Throws<ArgumentException>(() => device.Backward(input));
    }
}
