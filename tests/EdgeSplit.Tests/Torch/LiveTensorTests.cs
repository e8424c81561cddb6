using EdgeSplit.Compute;
using EdgeSplit.Numerics;
using TorchSharp;

namespace EdgeSplit.Tests.Torch;

/// <summary>TorchSharp counts live tensors per process, so nothing else may run beside these.</summary>
[CollectionDefinition(nameof(LiveTensorTests), DisableParallelization = true)]
[Collection(nameof(LiveTensorTests))]
public class LiveTensorTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Live_tensors_stay_flat_over_steps_and_none_outlive_a_segment(bool adam)
    {
        long before = torch.Tensor.TotalCount;
        OptimizerSpec optimizer = adam ? new OptimizerSpec.Adam(Decoupled: true) { WeightDecay = 0.1 } : new OptimizerSpec.Sgd(0.9, true) { WeightDecay = 0.1 };
        using (Weights weights = WeightInitializer.Initialize(TorchLane.SmallNetwork, 1))
        using (ISegment device = TorchLane.Engine().Build(new SegmentSpec(TorchLane.SmallNetwork, 1, 2, optimizer), weights))
        using (ISegment server = TorchLane.Engine().Build(new SegmentSpec(TorchLane.SmallNetwork, 3, 3, optimizer), weights))
        {
            RunStep(device, server, 0);
            long afterFirst = torch.Tensor.TotalCount;
            for (int step = 1; step <= 5; step++)
                RunStep(device, server, step);
            Assert.Equal(afterFirst, torch.Tensor.TotalCount);
            device.Forward(TorchLane.Random(new Shape(4, 2, 8, 8), 1), default).Dispose();
        }

        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void A_segment_that_cannot_be_built_leaves_no_tensors()
    {
        long before = torch.Tensor.TotalCount;
        using Weights weights = WeightInitializer.Initialize(TorchLane.SmallNetwork, 1);
        using Weights partial = weights.Slice(TorchLane.SmallNetwork, 1, 2);
        Assert.Throws<ArgumentException>(() => TorchLane.Engine().Build(new SegmentSpec(TorchLane.SmallNetwork, 1, 3, null), partial));
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    private static void RunStep(ISegment device, ISegment server, int step)
    {
        using HostTensor input = TorchLane.Random(new Shape(4, 2, 8, 8), (ulong)step);
        StepKey key = new(1, 0, 1, step);
        using HostTensor smashed = device.Forward(input, key);
        LossOutcome outcome = server.ForwardBackward(smashed, TorchLane.Labels(4, 5, 2), key);
        server.Step(0.1);
        using HostTensor gradient = outcome.InputGradient!;
        Assert.Null(device.Backward(gradient));
        device.Step(0.1);
        using HostTensor features = device.Predict(input);
        server.Predict(features).Dispose();
        device.Save().Dispose();
        server.SaveGradients().Dispose();
    }
}
