using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Models.Layers;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Numerics;

namespace EdgeSplit.Tests.Compute;

public sealed class WeightsFileTests : IDisposable
{
    private readonly string path = Path.GetTempFileName();

    private static Network Small { get; } = new(new ModelSpec(
        "small", new Shape(2, 4, 4), 3,
        [
            new Block("conv", new Conv2d(2, 2, 3) { Name = "conv", Bias = false }, new BatchNorm2d(2) { Name = "norm" }),
            new Block("head", new Flatten(), new Linear(8, 3) { Name = "head" }),
        ]));

    [Fact]
    public void A_zoo_networks_weights_come_back_bit_for_bit()
    {
        Network network = new(ModelZoo.Create("mobilenetv2", new Shape(3, 32, 32), 7));
        using Weights weights = WeightInitializer.Initialize(network, 1);
        SafetensorsFile.Write(path, weights);
        using Weights loaded = WeightsFile.Load(path, network);
        Assert.Equal(network.Parameters.Select(parameter => parameter.Name), loaded.Select(pair => pair.Key));
        Assert.All(loaded, pair => Assert.True(weights[pair.Key].Bytes.SequenceEqual(pair.Value.Bytes)));
        Assert.Equal(7, WeightsFile.PeekClasses(path, new Network(ModelZoo.Create("mobilenetv2", new Shape(3, 32, 32), 1000))));
    }

    /// <summary>By the script beside it: tensors out of order, half and brain floats, more metadata, no counter.</summary>
    [Fact]
    public void Another_writers_file_loads()
    {
        string fixture = Path.Combine(AppContext.BaseDirectory, "Fixtures", "other-writer.safetensors");
        using Weights weights = WeightsFile.Load(fixture, Small);
        Assert.Equal(Enumerable.Range(0, 36).Select(index => (index - 18) / 8f), weights["conv.weight"].As<float>().ToArray());
        Assert.Equal([1f, -2f], weights["norm.weight"].As<float>().ToArray());
        Assert.Equal([0.1f, 1e-3f], weights["norm.running_var"].As<float>().ToArray());
        Assert.Equal(0, weights["norm.num_batches_tracked"].As<long>()[0]);
        Assert.Equal(3, WeightsFile.PeekClasses(fixture, Small));
    }

    [Fact]
    public void Everything_that_does_not_fit_is_said_at_once_with_counts_and_first_names()
    {
        using Weights weights = new();
        weights.Add("conv.weight", HostTensor.Zeros(ElementType.Float32, new Shape(2, 2, 5, 5)));
        weights.Add("norm.num_batches_tracked", HostTensor.Zeros(ElementType.Float32, default));
        weights.Add("head.weight", HostTensor.Zeros(ElementType.Int32, new Shape(3, 8)));
        weights.Add("extra", HostTensor.Zeros(ElementType.Float32, new Shape(1)));
        SafetensorsFile.Write(path, weights);

        InvalidInputException error = Assert.Throws<InvalidInputException>(() => WeightsFile.Load(path, Small));

        Assert.Collection(
            error.Faults,
            missing => Assert.StartsWith("5 parameters of small for 2x4x4 and 3 classes missing: norm.weight, norm.bias, norm.running_mean, ...", missing.Problem, StringComparison.Ordinal),
            unexpected => Assert.Contains("1 parameters unknown", unexpected.Problem, StringComparison.Ordinal),
            mismatched =>
            {
                Assert.StartsWith("3 parameters", mismatched.Problem, StringComparison.Ordinal);
                Assert.Contains("conv.weight is 2x2x5x5, not 2x2x3x3", mismatched.Problem, StringComparison.Ordinal);
            });
    }

    [Fact]
    public void Weights_of_another_network_have_no_classes_to_count()
    {
        using Weights weights = new();
        weights.Add("other", HostTensor.Zeros(ElementType.Float32, new Shape(1)));
        SafetensorsFile.Write(path, weights);
        Assert.Contains("head.weight", Assert.Throws<InvalidInputException>(() => WeightsFile.PeekClasses(path, Small)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => File.Delete(path);
}
