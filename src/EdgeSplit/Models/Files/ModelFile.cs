using System.Collections.Immutable;
using EdgeSplit.Models.Layers;
using EdgeSplit.Numerics;
using EdgeSplit.Yaml;

namespace EdgeSplit.Models.Files;

/// <summary>
/// A network as a YAML file of blocks: <c>name</c>, <c>input</c>, <c>classes</c> and <c>blocks</c>, each with a
/// <c>name</c> and <c>layers</c>. What follows from the input shape (<c>in-channels</c>, <c>in-features</c>, ...) may be left
/// out, and a layer without keys is written as its kind alone.
/// </summary>
public static class ModelFile
{
    /// <param name="path">The file, of at most 1 MiB.</param>
    /// <param name="input">The shape of one sample, in place of the file's.</param>
    /// <param name="classes">The number of classes, in place of the file's.</param>
    /// <exception cref="InvalidInputException">Every fault, with its line.</exception>
    public static ModelSpec Read(string path, Shape? input = null, int? classes = null) => Bind(YamlFile.Read(path), input, classes);

    /// <summary>As <see cref="Read"/>, from text; <paramref name="source"/> names it in faults.</summary>
    /// <exception cref="InvalidInputException">Every fault, with its line.</exception>
    public static ModelSpec Parse(string text, string source, Shape? input = null, int? classes = null) =>
        Bind(YamlFile.Parse(text, source), input, classes);

    /// <summary>Writes a file that reads back as the same network.</summary>
    public static void Write(string path, ModelSpec spec) => File.WriteAllText(path, ToText(spec));

    /// <summary>What <see cref="Write"/> writes.</summary>
    public static string ToText(ModelSpec spec)
    {
        LayerWriter writer = new();
        writer.Line(0, $"name: {YamlScalar.Write(spec.Name)}");
        writer.Line(0, $"input: {spec.Input}");
        writer.Line(0, $"classes: {spec.Classes}");
        writer.Line(0, "blocks:");
        foreach (Block block in spec.Blocks)
        {
            writer.Line(1, $"- name: {YamlScalar.Write(block.Name)}");
            writer.Line(1, "  layers:");
            writer.Layers(3, block.Layers);
        }

        return writer.ToString();
    }

    private static ModelSpec Bind(YamlMap root, Shape? input, int? classes)
    {
        YamlFaults faults = root.Faults;
        string name = root.OptionalString("name") ?? Path.GetFileNameWithoutExtension(faults.Source);
        Shape? ownInput = (input is null ? root.Required("input") : root.Optional("input"))?.Shape();
        int? ownClasses = (classes is null ? root.Required("classes") : root.Optional("classes"))?.Int(1, LayerLimits.Width);
        input ??= ownInput;
        classes ??= ownClasses;
        if (input is Shape given && (given.Rank == 0 || given.Dimensions.Any(extent => extent < 1) || !LayerLimits.Holds(given)))
        {
            faults.Add(root.Node, "input", $"{given} is no size of a sample", "every extent must be 1 or more, 2 GiB in all");
            input = null;
        }

        ImmutableArray<Block> blocks = Blocks(root.RequiredList("blocks"), new LayerReader(classes, faults), input);
        root.RejectUnknownKeys();
        faults.ThrowIfAny();
        ModelSpec spec = new(name, input!.Value, classes!.Value, blocks);
        Check(spec, faults.Source);
        return spec;
    }

    private static ImmutableArray<Block> Blocks(YamlList? maps, LayerReader reader, Shape? shape)
    {
        ImmutableArray<Block>.Builder blocks = ImmutableArray.CreateBuilder<Block>();
        foreach (YamlMap map in maps?.Maps() ?? [])
        {
            string name = map.OptionalString("name") ?? $"block{blocks.Count + 1}";
            YamlList? list = map.RequiredList("layers");
            (ImmutableArray<Layer> layers, shape) = reader.Layers(list, name, shape, hasInputGradient: blocks.Count > 0);
            map.RejectUnknownKeys();
            blocks.Add(new Block(name, layers));
        }

        return blocks.ToImmutable();
    }

    /// <summary>What only the whole network shows: two parameters of one name, an end that is not the classes.</summary>
    private static void Check(ModelSpec spec, string source)
    {
        try
        {
            _ = new Network(spec);
        }
        catch (InvalidInputException invalid)
        {
            throw new InvalidInputException([.. invalid.Faults.Select(fault => fault with { Where = $"{source}: {fault.Where}" })]);
        }
    }
}
