using System.Text;
using System.Text.Json;
using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Numerics;
using EdgeSplit.Tests.Torch;

namespace EdgeSplit.Tests.Parity;

/// <summary>
/// The logits of torchvision's own networks, for weights that Fixtures/torchvision_logits.py and this test make by the same
/// formula.
/// </summary>
public class TorchvisionLogitsTests
{
    private const int Batch = 2;
    private static readonly Shape Image = new(3, 224, 224);

    [Theory]
    [InlineData("resnet18")]
    [InlineData("vgg16")]
    [InlineData("mobilenetv2")]
    public void Logits_equal_PyTorchs(string name)
    {
        using JsonDocument fixture = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", "torchvision-logits.json")));
        float[] expected =
            [.. fixture.RootElement.GetProperty(name).EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(value => value.GetSingle())];
        Network network = new(ModelZoo.Create(name, Image, 1000));
        Weights weights = new();
        foreach (ParameterSpec parameter in network.Parameters)
            weights.Add(parameter.Name, Formula(parameter));
        HostTensor images = HostTensor.Zeros(ElementType.Float32, Image.Prepend(Batch));
        FillUniform(images.As<float>(), "input", 1, 0);

        using ISegment segment = TorchLane.Engine().Build(new SegmentSpec(network, 1, network.Length, null), weights);
        using HostTensor logits = segment.Predict(images);

        Assert.Equal(new Shape(Batch, 1000), logits.Shape);
        Assert.All(logits.As<float>().ToArray().Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-4f));
        Assert.True(expected.Max() - expected.Min() > 0.5, "Logits this close would be equal by themselves.");
    }

    private static HostTensor Formula(ParameterSpec parameter)
    {
        HostTensor tensor = HostTensor.Zeros(parameter.ElementType, parameter.Shape);
        if (parameter.ElementType == ElementType.Int64)
            return tensor;
        Span<float> values = tensor.As<float>();
        if (parameter.Shape.Rank > 1)
            FillUniform(values, parameter.Name, Math.Sqrt(4.0 / (values.Length / parameter.Shape[0])), 0);
        else if (parameter.Name.EndsWith("running_var", StringComparison.Ordinal))
            FillUniform(values, parameter.Name, 0.5, 1);
        else if (parameter.Name.EndsWith(".weight", StringComparison.Ordinal))
            FillUniform(values, parameter.Name, 0.25, 1);
        else
            FillUniform(values, parameter.Name, 0.125, 0);
        return tensor;
    }

    private static void FillUniform(Span<float> values, string name, double scale, double mean)
    {
        ulong counter = 0xCBF29CE484222325;
        foreach (byte letter in Encoding.UTF8.GetBytes(name))
            counter = (counter ^ letter) * 0x100000001B3;
        foreach (ref float value in values)
        {
            value = (float)(mean + (scale * (((SeededRandom.Mix(counter) >> 11) * (1.0 / (1UL << 53)) * 2) - 1)));
            counter += 0x9E3779B97F4A7C15;
        }
    }
}
