using EdgeSplit.Models;
using EdgeSplit.Models.Layers;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Numerics;

namespace EdgeSplit.Tests.Models.Zoo;

public class ModelZooTests
{
    private static readonly string[] Inputs = ["1x28x28", "3x32x32", "3x64x64", "1x65x65", "4x96x80", "3x224x224"];

    public static TheoryData<string, string, int> Cases
    {
        get
        {
            TheoryData<string, string, int> cases = [];
            foreach (string name in ModelZoo.Names)
            {
                foreach (string input in Inputs)
                    cases.Add(name, input, input.Length);
            }

            return cases;
        }
    }

    public static TheoryData<string> Names => [.. ModelZoo.Names];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_network_derives_and_its_blocks_chain(string name, string input, int classes)
    {
        Network network = new(ModelZoo.Create(name, ShapeOf(input), classes));
        Shape shape = ShapeOf(input);
        for (int index = 0; index < network.Length; index++)
        {
            NetworkBlock block = network.Blocks[index];
            Assert.Equal(index + 1, block.Number);
            Assert.Equal(shape, block.InputShape);
            Assert.True(block.ForwardFlops > 0 && block.BackwardFlops > 0 && block.StoredActivationBytes > 0);
            shape = block.OutputShape;
        }

        Assert.Equal(new Shape(classes), shape);
        Assert.Equal(network.Length, network.Blocks.Select(block => block.Name).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Dropout_comes_right_before_the_last_linear_layer_and_moves_no_name(string name)
    {
        Shape input = ModelZoo.UsualInput(name);
        Network with = new(ModelZoo.Create(name, input, 10, dropout: 0.25));
        Network without = new(ModelZoo.Create(name, input, 10, dropout: 0));
        Layer[] last = [.. with.Blocks[^1].Layers];
        Assert.IsType<Linear>(last[^1]);
        Assert.Equal(new Dropout(0.25), last[^2]);
        Assert.All(with.Blocks.SelectMany(block => block.Layers).OfType<Dropout>(), dropout => Assert.Equal(0.25, dropout.Probability));
        Assert.DoesNotContain(without.Blocks.SelectMany(block => block.Layers), layer => layer is Dropout);
        Assert.Equal(without.Parameters, with.Parameters);
    }

    [Theory]
    [InlineData("mlp", "784", 199_210)]
    [InlineData("lenet5", "1x28x28", 61_706)]
    public void Small_networks_have_the_sizes_they_are_known_for(string name, string input, long parameters) =>
        Assert.Equal(
            parameters,
            new Network(ModelZoo.Create(name, ShapeOf(input), 10)).Parameters.Sum(parameter => parameter.Shape.ElementCount));

    [Fact]
    public void Vgg_for_small_images_averages_to_one_pixel_and_has_one_small_classifier()
    {
        Network network = new(ModelZoo.Create("vgg11", new Shape(3, 28, 28), 10));
        Assert.Equal(9, network.Length);
        Assert.Equal(new Shape(512), network.Blocks[^2].OutputShape);
        Assert.Equal(9_231_114, network.Parameters
            .Where(parameter => parameter.Role == ParameterRole.Trainable).Sum(parameter => parameter.Shape.ElementCount));
    }

    [Theory]
    [InlineData("lenet5", "1x11x28", "block 2 (conv2)", "1x12x12")]
    [InlineData("vgg5", "3x3x3", "block 2 (features.4)", "3x4x4")]
    public void An_input_too_small_names_the_block_and_the_smallest_that_fits(string name, string input, string block, string smallest)
    {
        Fault fault = Assert.Single(
            Assert.Throws<InvalidInputException>(() => ModelZoo.Create(name, ShapeOf(input), 10)).Faults);
        Assert.Contains(block, fault.Problem, StringComparison.Ordinal);
        Assert.Contains(smallest, fault.Remedy, StringComparison.Ordinal);
        _ = new Network(ModelZoo.Create(name, ShapeOf(smallest), 10));
    }

    [Fact]
    public void Everything_wrong_is_told_at_once()
    {
        IReadOnlyList<Fault> faults = Assert.Throws<InvalidInputException>(
            () => ModelZoo.Create("resnet8", new Shape(784), 0, dropout: 1)).Faults;
        Assert.Equal(["model", "classes", "dropout", "input"], faults.Select(fault => fault.Where));
        Assert.Equal("did you mean 'resnet18'?", faults[0].Remedy);
    }

    [Theory]
    [InlineData("resnet18", "3x100000x100000")]
    [InlineData("vgg16", "3x20000x20000")]
    [InlineData("mlp", "500000000")]
    [InlineData("lenet5", "2147483647x2147483647x2147483647")]
    public void An_input_too_large_is_bad_input_not_an_overflow(string name, string input) =>
        Assert.Throws<InvalidInputException>(() => ModelZoo.Create(name, ShapeOf(input), 10));

    private static Shape ShapeOf(string text) => Shape.TryParse(text, out Shape shape) ? shape : throw new ArgumentException(text);
}
