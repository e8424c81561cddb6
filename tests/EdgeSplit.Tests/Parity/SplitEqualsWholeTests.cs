using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Numerics;
using EdgeSplit.Tests.Torch;
using EdgeSplit.Torch;

namespace EdgeSplit.Tests.Parity;

/// <summary>
/// One device, any cut: over consecutive steps, with dropout and an optimizer, the loss, every gradient and every weight and
/// buffer are bitwise those of the network that is not split.
/// </summary>
public class SplitEqualsWholeTests
{
    private const int Steps = 3, Batch = 3, Classes = 10;

    [Theory]
    [InlineData("lenet5", "1x28x28")]
    [InlineData("vgg11", "3x32x32")]
    [InlineData("resnet18", "3x32x32")]
    [InlineData("mobilenetv2", "3x32x32")]
    public void Every_cut_gives_the_same_bits(string name, string input)
    {
        Assert.True(Shape.TryParse(input, out Shape sample));
        Network network = new(ModelZoo.Create(name, sample, Classes, dropout: 0.4));
        OptimizerSpec optimizer = name == "lenet5"
            ? new OptimizerSpec.Adam { WeightDecay = 0.01 }
            : new OptimizerSpec.Sgd(0.9, Nesterov: true) { WeightDecay = 5e-4 };
        AssertEveryCut(network, optimizer);
    }

    [Fact]
    public void Every_cut_gives_the_same_bits_where_dropout_is_inside_a_residual_block() =>
        AssertEveryCut(TorchLane.SmallNetwork, new OptimizerSpec.Sgd(0.9));

    [Fact]
    public void A_short_last_batch_of_one_sample_changes_nothing_about_that()
    {
        Network network = new(ModelZoo.Create("resnet18", new Shape(3, 32, 32), Classes));
        using Weights weights = WeightInitializer.Initialize(network, 1);
        Trace whole = Run(network, network.Length, new OptimizerSpec.Sgd(), weights, batch: 1, steps: 1);
        Trace split = Run(network, network.Length - 1, new OptimizerSpec.Sgd(), weights, batch: 1, steps: 1);
        AssertEqual(whole, split, "cut before the last block");
        Assert.All(whole.Losses, loss => Assert.True(double.IsFinite(loss)));
    }

    private static void AssertEveryCut(Network network, OptimizerSpec optimizer)
    {
        using Weights weights = WeightInitializer.Initialize(network, 1);
        Trace whole = Run(network, network.Length, optimizer, weights, Batch, Steps);
        Assert.All(whole.Losses, loss => Assert.True(double.IsFinite(loss)));
        Assert.Equal(Steps, whole.Losses.Distinct().Count());
        for (int cut = 1; cut < network.Length; cut++)
        {
            Trace split = Run(network, cut, optimizer, weights, Batch, Steps);
            AssertEqual(whole, split, $"cut {cut} of {network.Length}");
        }
    }

    private static void AssertEqual(Trace whole, Trace split, string where)
    {
        Assert.Equal(whole.Losses, split.Losses);
        Assert.Equal(whole.Weights.Count, split.Weights.Count);
        foreach ((Dictionary<string, byte[]> expected, Dictionary<string, byte[]> actual) in whole.Weights.Zip(split.Weights))
        {
            Assert.Equal(expected.Keys, actual.Keys);
            foreach ((string name, byte[] bytes) in expected)
                Assert.True(bytes.AsSpan().SequenceEqual(actual[name]), $"{where}: {name} differs");
        }
    }

    /// <summary>The same steps with blocks 1..cut in one segment and the rest in another; all in one where cut is L.</summary>
    private static Trace Run(Network network, int cut, OptimizerSpec optimizer, Weights weights, int batch, int steps)
    {
        TorchEngine engine = TorchLane.Engine();
        using ISegment device = engine.Build(new SegmentSpec(network, 1, cut, optimizer), weights);
        using ISegment? server = cut == network.Length ? null : engine.Build(new SegmentSpec(network, cut + 1, network.Length, optimizer), weights);
        Trace trace = new();
        for (int step = 0; step < steps; step++)
        {
            StepKey key = new(Seed: 5, Device: 2, Round: 1, step);
            using HostTensor input = TorchLane.Random(network.Spec.Input.Prepend(batch), (ulong)step);
            int[] labels = TorchLane.Labels(batch, network.Spec.Classes, (ulong)step);
            trace.Losses.Add(server is null ? device.ForwardBackward(input, labels, key).Loss : SplitStep(device, server, input, labels, key));
            trace.Add(device.SaveGradients(), server?.SaveGradients());
            device.Step(0.05);
            server?.Step(0.05);
        }

        trace.Add(device.Save(), server?.Save());
        return trace;
    }

    private static double SplitStep(ISegment device, ISegment server, HostTensor input, int[] labels, StepKey key)
    {
        using HostTensor smashed = device.Forward(input, key);
        LossOutcome outcome = server.ForwardBackward(smashed, labels, key);
        using HostTensor gradient = outcome.InputGradient!;
        Assert.Null(device.Backward(gradient));
        return outcome.Loss;
    }

    private sealed class Trace
    {
        public List<double> Losses { get; } = [];

        public List<Dictionary<string, byte[]>> Weights { get; } = [];

        public void Add(Weights device, Weights? server)
        {
            Weights.Add(device.Concat(server ?? Enumerable.Empty<KeyValuePair<string, HostTensor>>())
                .ToDictionary(pair => pair.Key, pair => pair.Value.Bytes.ToArray(), StringComparer.Ordinal));
            device.Dispose();
            server?.Dispose();
        }
    }
}
