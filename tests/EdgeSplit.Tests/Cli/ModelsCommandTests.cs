using System.Text.Json;
using EdgeSplit.Cli;
using EdgeSplit.Models;
using EdgeSplit.Models.Files;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Numerics;

namespace EdgeSplit.Tests.Cli;

public class ModelsCommandTests
{
    [Fact]
    public async Task The_list_has_every_network()
    {
        (int status, string output, string error) = await RunAsync("models");
        Assert.Equal((0, ""), (status, error));
        Assert.All(ModelZoo.Names, name => Assert.Contains($"\n{name} ", output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Json_has_the_exact_counts_of_every_block()
    {
        (int status, string output, _) = await RunAsync("models", "show", "vgg11", "--input", "1x28x28", "--classes", "7", "--format", "json");
        Assert.Equal(0, status);
        Network network = new(ModelZoo.Create("vgg11", new Shape(1, 28, 28), 7));
        using JsonDocument document = JsonDocument.Parse(output);
        JsonElement[] blocks = [.. document.RootElement.GetProperty("blocks").EnumerateArray()];
        Assert.Equal(network.Length, blocks.Length);
        long weights = 0;
        for (int index = 0; index < blocks.Length; index++)
        {
            NetworkBlock block = network.Blocks[index];
            weights += block.Parameters.Sum(parameter => parameter.ByteCount);
            Assert.Equal(index + 1, blocks[index].GetProperty("cut").GetInt32());
            Assert.Equal(block.Name, blocks[index].GetProperty("name").GetString());
            Assert.Equal(block.OutputShape.Dimensions, blocks[index].GetProperty("outputShape").EnumerateArray().Select(extent => extent.GetInt32()));
            Assert.Equal(block.ForwardFlops, blocks[index].GetProperty("forwardFlops").GetInt64());
            Assert.Equal(block.BackwardFlops, blocks[index].GetProperty("backwardFlops").GetInt64());
            Assert.Equal(block.OutputShape.ElementCount * 4, blocks[index].GetProperty("smashedBytes").GetInt64());
            Assert.Equal(weights, blocks[index].GetProperty("cumulativeWeightBytes").GetInt64());
        }
    }

    [Fact]
    public async Task Text_has_a_row_for_every_cut()
    {
        (int status, string output, _) = await RunAsync("models", "show", "resnet18", "--input", "3x32x32");
        Assert.Equal(0, status);
        string[] rows = [.. output.Split('\n').Where(line => line.Length > 0 && char.IsAsciiDigit(line[0]))];
        Assert.Equal(10, rows.Length);
        Assert.Matches(@"^2 +layer1\.0 +residual relu +64x8x8 +74\.0 k ", rows[1]);
    }

    [Fact]
    public async Task A_file_is_shown_like_a_network_of_the_zoo()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".yaml");
        try
        {
            ModelFile.Write(path, ModelZoo.Create("lenet5", new Shape(1, 28, 28), 10));
            (int status, string fromFile, _) = await RunAsync("models", "show", path, "--format", "json");
            Assert.Equal(0, status);
            Assert.Equal((await RunAsync("models", "show", "lenet5", "--format", "json")).Output, fromFile);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("lenet", "lenet5")]
    [InlineData("none.yaml", "no such file")]
    [InlineData("lenet5 --input 28", "channels x height x width")]
    [InlineData("lenet5 --input 1x8x8", "1x12x12")]
    [InlineData("lenet5 --input one", "--input")]
    [InlineData("lenet5 --classes 0", "classes")]
    [InlineData("lenet5 --classes many", "many")]
    [InlineData("lenet5 --format xml", "xml")]
    [InlineData("", "show")]
    public async Task Bad_input_is_2_and_prints_nothing_but_errors(string arguments, string expected)
    {
        (int status, string output, string error) = await RunAsync(["models", "show", .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal(2, status);
        Assert.Equal("", output);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.All(error.TrimEnd().Split('\n'), line => Assert.StartsWith("error: ", line, StringComparison.Ordinal));
    }

    private static async Task<(int Status, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        int status = await Program.RunAsync(Program.CreateRoot(), arguments, output, error);
        return (status, output.ToString(), error.ToString());
    }
}
