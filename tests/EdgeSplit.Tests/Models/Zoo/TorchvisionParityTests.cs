using System.Text.Json;
using EdgeSplit.Models;
using EdgeSplit.Models.Layers;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Numerics;

namespace EdgeSplit.Tests.Models.Zoo;

/// <summary>Against torchvision itself, as Fixtures/torchvision_state_dicts.py wrote it down.</summary>
public class TorchvisionParityTests
{
    public static TheoryData<string, string> Networks => new()
    {
        { "vgg11", "vgg11_bn" },
        { "vgg13", "vgg13_bn" },
        { "vgg16", "vgg16_bn" },
        { "vgg19", "vgg19_bn" },
        { "resnet18", "resnet18" },
        { "resnet34", "resnet34" },
        { "resnet50", "resnet50" },
        { "resnet101", "resnet101" },
        { "mobilenetv2", "mobilenet_v2" },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void Parameters_and_buffers_have_torchvisions_names_shapes_types_and_order(string name, string theirs)
    {
        using JsonDocument fixture = ReadFixture();
        string[] expected =
        [
            .. fixture.RootElement.GetProperty(theirs).GetProperty("state").EnumerateArray().Select(
                entry => $"{entry[0]} [{string.Join(',', entry[1].EnumerateArray())}] {entry[2]}"),
        ];
        string[] actual =
        [
            .. At224(name).Parameters.Select(parameter =>
                $"{parameter.Name} [{string.Join(',', parameter.Shape.Dimensions)}] {parameter.ElementType.ToString().ToLowerInvariant()}"),
        ];
        Assert.Equal(expected, actual);
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Multiply_adds_of_convolutions_and_linear_layers_are_what_torch_counts(string name, string theirs)
    {
        using JsonDocument fixture = ReadFixture();
        Assert.Equal(
            fixture.RootElement.GetProperty(theirs).GetProperty("multiplyAdds").GetInt64(),
            At224(name).Blocks.Sum(block => MultiplyAdds(block.Layers, block.InputShape)));
    }

    [Theory]
    [InlineData("resnet18", 1.81)]
    [InlineData("resnet50", 4.09)]
    [InlineData("vgg16", 15.5)]
    [InlineData("mobilenetv2", 0.30)]
    public void Forward_flops_are_twice_the_published_multiply_adds_and_little_more(string name, double published) =>
        Assert.InRange(At224(name).Blocks.Sum(block => block.ForwardFlops) / 2e9, published * 0.99, published * 1.13);

    /// <summary>Standard deviations as torch's initialised networks have them; of a uniform one, its bound over √3.</summary>
    [Theory]
    [InlineData("mobilenetv2", "features.1.conv.0.0.weight", 0.0833)]
    [InlineData("mobilenetv2", "features.18.0.weight", 0.0395)]
    [InlineData("mobilenetv2", "classifier.1.weight", 0.01)]
    [InlineData("mobilenetv2", "classifier.1.bias", 0)]
    [InlineData("resnet50", "layer4.0.conv2.weight", 0.0208)]
    [InlineData("resnet50", "fc.weight", 0.0128)]
    [InlineData("vgg11", "features.0.bias", 0)]
    [InlineData("vgg11", "features.0.weight", 0.0589)]
    [InlineData("vgg11", "classifier.3.weight", 0.01)]
    public void Weights_start_as_widely_spread_as_torchvisions(string name, string parameter, double deviation) =>
        Assert.Equal(
            deviation,
            At224(name).Parameters.Single(candidate => candidate.Name == parameter).Initialization switch
            {
                Initialization.Normal normal => normal.StandardDeviation,
                Initialization.Uniform uniform => uniform.Bound / Math.Sqrt(3),
                Initialization.Constant constant => constant.Value,
                _ => double.NaN,
            },
            tolerance: 0.0001);

    private static Network At224(string name) => new(ModelZoo.Create(name, new Shape(3, 224, 224), 1000));

    private static JsonDocument ReadFixture() =>
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", "torchvision-state-dicts.json")));

    /// <summary>From the layers' own forward FLOPs: an addition for each bias, and two for each multiply-add.</summary>
    private static long MultiplyAdds(IEnumerable<Layer> layers, Shape shape)
    {
        long total = 0;
        foreach (Layer layer in layers)
        {
            total += layer switch
            {
                Conv2d convolution => (layer.ForwardFlops(shape) - (convolution.Bias ? layer.OutputShape(shape).ElementCount : 0)) / 2,
                Linear linear => (layer.ForwardFlops(shape) - (linear.Bias ? layer.OutputShape(shape).ElementCount : 0)) / 2,
                Residual residual => MultiplyAdds(residual.Body, shape) + MultiplyAdds(residual.Shortcut, shape),
                _ => 0,
            };
            shape = layer.OutputShape(shape);
        }

        return total;
    }
}
