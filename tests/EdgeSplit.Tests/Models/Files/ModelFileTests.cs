using System.Text.RegularExpressions;
using CsCheck;
using EdgeSplit.Models;
using EdgeSplit.Models.Files;
using EdgeSplit.Models.Layers;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Numerics;

namespace EdgeSplit.Tests.Models.Files;

public class ModelFileTests
{
    public static TheoryData<string> Examples =>
        [.. Directory.GetFiles(ExamplesFolder(), "*.yaml").Select(Path.GetFileName).OfType<string>()];

    public static TheoryData<string> ZooNames => [.. ModelZoo.Names];

    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_example_reads_and_round_trips(string file) =>
        AssertRoundTrips(ModelFile.Read(Path.Combine(ExamplesFolder(), file)));

    [Theory]
    [MemberData(nameof(ZooNames))]
    public void Every_zoo_network_round_trips(string name) => AssertRoundTrips(ModelZoo.Create(name, new Shape(3, 32, 32), 10, 0.3));

    [Fact]
    public void Any_network_of_known_layers_round_trips() =>
        RandomModels.Gen.Sample(spec => AssertRoundTrips(spec), iter: 300);

    [Fact]
    public void What_follows_from_the_input_may_be_left_out_and_input_and_classes_replaced()
    {
        const string text = """
            name: tiny
            input: 1x8x8
            classes: 3
            blocks:
              - name: stem
                layers:
                  - {kind: conv2d, out-channels: 4, kernel: 3}
                  - batch-norm
                  - flatten
              - name: head
                layers:
                  - {kind: linear, out-features: classes, name: fc}
            """;
        Network network = new(ModelFile.Parse(text, "tiny.yaml", new Shape(3, 10, 10), 7));
        Assert.Equal(
            ["stem.0.weight 4x3x3x3", "stem.0.bias 4", "fc.weight 7x256", "fc.bias 7"],
            network.Parameters.Where(parameter => !parameter.Name.StartsWith("stem.1", StringComparison.Ordinal))
                .Select(parameter => $"{parameter.Name} {parameter.Shape}"));
        Assert.Equal([new Shape(256), new Shape(7)], network.Blocks.Select(block => block.OutputShape));
    }

    [Fact]
    public void Every_fault_is_told_at_once_with_its_line()
    {
        const string text = """
            name: wrong
            imput: 3x8x8
            input: 3x8
            classes: ten
            blocks:
              - name: one
                layers:
                  - {kind: conv2d, out-chanels: 4, kernel: 3}
                  - {kind: conv3d}
                  - max-pool
                  - {kernel: 2}
              - name: two
                layrs: []
              - name: three
                layers:
                  - {kind: dropout, probability: 1}
                  - {kind: linear, out-features: 10, weight-init: {norm: 1}}
                  - kind: residual
                    body:
                      - {kind: linear, out-features: 2.5}
            """;
        string[] faults =
        [
            .. Assert.Throws<InvalidInputException>(() => ModelFile.Parse(text, "w.yaml")).Faults.Select(fault => fault.ToString()),
        ];
        string[] expected =
        [
            "w.yaml:2: imput: there is no such key; did you mean 'input'?",
            "w.yaml:4: classes: it is 'ten'; give a whole number",
            "w.yaml:8: blocks[0].layers[0].out-channels: this key is missing",
            "w.yaml:8: blocks[0].layers[0].out-chanels: there is no such key; did you mean 'out-channels'?",
            "w.yaml:9: blocks[0].layers[1]: there is no kind of layer called 'conv3d'; did you mean 'conv2d'?",
            "w.yaml:10: blocks[0].layers[2].kernel: this key is missing",
            "w.yaml:11: blocks[0].layers[3].kind: this key is missing",
            "w.yaml:12: blocks[1].layers: this key is missing",
            "w.yaml:13: blocks[1].layrs: there is no such key; did you mean 'layers'?",
            "w.yaml:16: blocks[2].layers[0].probability: it is 1; give a probability of at least 0 and below 1",
            "w.yaml:17: blocks[2].layers[1].weight-init.norm: there is no such key; did you mean 'normal'?",
            "w.yaml:20: blocks[2].layers[2].body[0].out-features: it is '2.5'; give a whole number",
        ];
        Assert.Equal(expected, faults);
    }

    [Theory]
    [InlineData("{kind: conv2d, in-channels: 4, out-channels: 4, kernel: 3}", "4 channels of an image")]
    [InlineData("{kind: conv2d, out-channels: 4, kernel: 9}", "at least 9 pixels")]
    [InlineData("{kind: conv2d, out-channels: 4, kernel: 1, groups: 2}", "groups do not divide")]
    [InlineData("{kind: max-pool, kernel: 3, padding: 2}", "padding is 2")]
    [InlineData("{kind: linear, out-features: 268435456}", "larger than 2 GiB")]
    [InlineData("{kind: residual, body: [{kind: conv2d, out-channels: 4, kernel: 1}]}", "must be equal")]
    [InlineData("{kind: residual, body: []}", "holds no layers")]
    [InlineData("{kind: conv2d, out-channels: 99999999999, kernel: 1}", "whole number from 1")]
    public void A_layer_that_does_not_fit_is_told_with_its_line(string layer, string expected)
    {
        string text = $"input: 3x8x8\nclasses: 2\nblocks:\n  - layers:\n      - {layer}\n";
        Fault fault = Assert.Single(Assert.Throws<InvalidInputException>(() => ModelFile.Parse(text, "w.yaml")).Faults);
        Assert.StartsWith("w.yaml:5: blocks[0].layers[0]", fault.Where, StringComparison.Ordinal);
        Assert.Contains(expected, fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_parameters_of_one_name_and_an_end_that_is_not_the_classes_are_refused()
    {
        const string layers = "  - layers: [{kind: linear, name: fc, out-features: 4}, {kind: linear, name: fc, out-features: 3}]\n";
        IReadOnlyList<Fault> faults = Assert.Throws<InvalidInputException>(
            () => ModelFile.Parse($"input: 4\nclasses: 2\nblocks:\n{layers}", "w.yaml")).Faults;
        Assert.Contains(faults, fault => fault.Problem.Contains("'fc.weight'", StringComparison.Ordinal));
        Assert.Contains("not one logit", Assert.Throws<InvalidInputException>(
            () => ModelFile.Parse("input: 4\nclasses: 2\nblocks:\n  - layers: [flatten]\n", "w.yaml")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{kind: residual, body: [relu]}")]
    [InlineData("{kind: residual, body: [relu], shortcut: []}")]
    [InlineData("{kind: residual, body: [relu], shortcut: null}")]
    public void A_residual_without_a_shortcut_passes_its_input_on(string layer)
    {
        ModelSpec spec = ModelFile.Parse($"input: 4\nclasses: 4\nblocks:\n  - layers: [{layer}]\n", "w.yaml");
        Assert.Empty(Assert.IsType<Residual>(spec.Blocks[0].Layers[0]).Shortcut);
    }

    [Fact]
    public void The_readme_tells_every_kind_and_key_that_the_reader_knows()
    {
        string readme = File.ReadAllText(Path.Combine(ExamplesFolder(), "README.md"));
        string[] rows = [.. readme.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))];
        foreach (string row in rows)
        {
            string[] cells = row.Split('|', StringSplitOptions.TrimEntries);
            foreach (string kind in cells[1].Split(',', StringSplitOptions.TrimEntries).Select(kind => kind.Trim('`')))
            {
                string[] known = KeysOf(kind);
                IEnumerable<string> told = Regex.Matches(cells[2] + cells[3], "`([a-z-]+)`").Select(match => match.Groups[1].Value);
                Assert.Equal(known.Order(), told.Order());
            }
        }

        Assert.Equal(15, rows.Sum(row => row.Split('|')[1].Split(',').Length));
    }

    [Fact]
    public void Residuals_nested_without_end_are_refused()
    {
        string nested = string.Concat(Enumerable.Repeat("{kind: residual, body: [", 50_000));
        Assert.Throws<InvalidInputException>(
            () => ModelFile.Parse($"input: 4\nclasses: 2\nblocks:\n  - layers: [{nested}\n", "w.yaml"));
    }

    private static void AssertRoundTrips(ModelSpec spec)
    {
        string text = ModelFile.ToText(spec);
        ModelSpec read = ModelFile.Parse(text, "written.yaml");
        Assert.Equal(text, ModelFile.ToText(read));
        Network before = new(spec), after = new(read);
        Assert.Equal(before.Parameters, after.Parameters);
        Assert.Equal(before.Blocks.Select(Costs), after.Blocks.Select(Costs));
    }

    private static (string Name, Shape Output, long Forward, long Backward, long Stored) Costs(NetworkBlock block) =>
        (block.Name, block.OutputShape, block.ForwardFlops, block.BackwardFlops, block.StoredActivationBytes);

    /// <summary>What the reader says it knows when it meets a key it does not.</summary>
    private static string[] KeysOf(string kind)
    {
        string text = $"input: 4\nclasses: 4\nblocks:\n  - layers: [{{kind: {kind}, zzzzzzzz: 1}}]\n";
        string remedy = Assert.Throws<InvalidInputException>(() => ModelFile.Parse(text, "w.yaml")).Faults
            .Single(fault => fault.Where.EndsWith("zzzzzzzz", StringComparison.Ordinal)).Remedy!;
        return [.. remedy["known: ".Length..].Split(", ").Except(["kind", "name"])];
    }

    private static string ExamplesFolder()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "EdgeSplit.slnx")))
            folder = folder.Parent;
        return folder is not null
            ? Path.Combine(folder.FullName, "examples", "models")
            : throw new DirectoryNotFoundException("EdgeSplit.slnx is in no folder above the tests.");
    }
}
