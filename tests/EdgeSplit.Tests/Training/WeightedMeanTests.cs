using CsCheck;
using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Models.Layers;
using EdgeSplit.Numerics;
using EdgeSplit.Training;

namespace EdgeSplit.Tests.Training;

public class WeightedMeanTests
{
    private static readonly Network Network = new(new ModelSpec(
        "tiny", new Shape(2, 1, 1), 2, [new Block("bn", new BatchNorm2d(2) { Name = "bn" }, new Flatten())]));

    [Fact]
    public void Each_parameter_is_the_sample_weighted_mean_and_counters_are_rounded()
    {
        using WeightedMean mean = new(Network);
        mean.Add(Model(1, batches: 10), samples: 1);
        mean.Add(Model(5, batches: 13), samples: 3);

        using Weights result = mean.ToWeights();

        Assert.Equal([4f, 4f], result["bn.weight"].As<float>().ToArray());
        Assert.Equal([12L], result["bn.num_batches_tracked"].As<long>().ToArray());
    }

    [Fact]
    public void The_mean_of_one_model_is_that_model_bit_for_bit() => Gen.OneOf(Gen.Float[-1e6f, 1e6f], Gen.Const(-0f)).Array[1, 40].Sample(values =>
    {
        Network wide = Wide(values.Length);
        using WeightedMean mean = new(wide);
        using Weights model = Filled(wide, values);
        mean.Add(model, samples: 1);
        using Weights result = mean.ToWeights();
        Assert.Equal(model["norm.weight"].Bytes.ToArray(), result["norm.weight"].Bytes.ToArray());
    });

    [Fact]
    public void Sums_are_those_of_plain_arithmetic_in_double_whatever_the_length() =>
        Gen.Select(Gen.Float[-1e6f, 1e6f].Array[1, 70], Gen.Int[1, 100_000], Gen.Int[1, 100_000]).Sample((values, first, second) =>
        {
            Network wide = Wide(values.Length);
            using WeightedMean mean = new(wide);
            using Weights one = Filled(wide, values);
            using Weights other = Filled(wide, [.. values.Reverse()]);
            mean.Add(one, first);
            mean.Add(other, second);
            using Weights result = mean.ToWeights();
            float[] expected = [.. values.Select((value, index) =>
                (float)((((double)first * value) + ((double)second * values[^(index + 1)])) / (first + second)))];
            Assert.Equal(expected, result["norm.weight"].As<float>().ToArray());
        });

    [Fact]
    public void There_is_no_mean_of_no_models() => Assert.Throws<InvalidOperationException>(() => new WeightedMean(Network).ToWeights());

    private static Network Wide(int features) =>
        new(new ModelSpec("wide", new Shape(features), features, [new Block("norm", new LayerNorm(features) { Name = "norm" })]));

    private static Weights Filled(Network network, float[] values)
    {
        Weights weights = new();
        foreach (ParameterSpec parameter in network.Parameters)
            weights.Add(parameter.Name, HostTensor.From(values, parameter.Shape));
        return weights;
    }

    private static Weights Model(float value, long batches)
    {
        Weights weights = new();
        foreach (ParameterSpec parameter in Network.Parameters)
        {
            HostTensor tensor = HostTensor.Zeros(parameter.ElementType, parameter.Shape);
            if (parameter.ElementType == ElementType.Int64)
                tensor.As<long>().Fill(batches);
            else
                tensor.As<float>().Fill(value);
            weights.Add(parameter.Name, tensor);
        }

        return weights;
    }
}
