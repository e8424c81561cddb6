using System.CommandLine;
using System.Globalization;
using EdgeSplit.Models;
using EdgeSplit.Models.Files;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Numerics;

namespace EdgeSplit.Cli.Commands;

/// <summary><c>edgesplit models</c>: the zoo, and what every cut of a network would cost.</summary>
internal static class ModelsCommand
{
    private const int UsualClasses = 10;

    public static Command Create()
    {
        Command models = new("models", "List the networks that can be trained by name, or show one block by block.")
        {
            CreateShow(),
        };
        models.SetAction(parsed => List(parsed.InvocationConfiguration.Output));
        return models;
    }

    private static Command CreateShow()
    {
        Argument<string> model = new("NAME|FILE")
        {
            Description = "A name that 'edgesplit models' lists, or a YAML file of blocks.",
        };
        Option<string?> input = InputOption();
        Option<int?> classes = ClassesOption();
        Option<OutputFormat> format = CommonOptions.Format();
        format.Description = "text is a table for people; json has exact numbers: model, input, classes, parameters, "
                + "forwardFlops and backwardFlops (one sample; a multiply-add is two), and blocks; of each block: cut, name, layers, "
                + "outputShape, parameters, parameterBytes, bufferBytes, forwardFlops, backwardFlops, smashedBytes (one sample at this "
                + "cut), storedActivationBytes (one sample, kept for backward), cumulativeWeightBytes (parameters and buffers up to "
                + "this cut). [default: text]";

        Command show = new("show", "Show a network, a row a block: cutting after block c leaves blocks 1..c on the device.")
        {
            model, input, classes, format,
        };
        show.SetAction(parsed =>
        {
            FaultCollector faults = new();
            string name = parsed.GetRequiredValue(model);
            Shape? shape = null;
            faults.Check(() => shape = ShapeOf(parsed.GetValue(input)));
            Network? loaded = faults.Try(() => Load(name, shape, parsed.GetValue(classes)));
            faults.ThrowIfAny();
            Network network = loaded!;
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(format) == OutputFormat.Json)
                NetworkReport.WriteJson(network, output);
            else
                NetworkReport.WriteText(network, output);
        });
        return show;
    }

    internal static Option<string?> InputOption() => new("--input")
    {
        Description = "The shape of one sample, such as 3x32x32. [default: the file's, or the network's usual one]",
        HelpName = "CxHxW",
    };

    internal static Option<int?> ClassesOption() => new("--classes")
    {
        Description = $"How many classes it tells apart. [default: the file's, or {UsualClasses}]",
        HelpName = "N",
    };

    /// <summary>A network of the zoo, or from a file where the argument looks like one.</summary>
    internal static Network Load(string model, Shape? input, int? classes) =>
        new(IsFile(model)
            ? ModelFile.Read(model, input, classes)
            : ModelZoo.Create(model, input ?? ModelZoo.UsualInput(model), classes ?? UsualClasses));

    /// <summary>Whether the argument names a file, not a network of the zoo.</summary>
    internal static bool IsFile(string model) =>
        model.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase)
        || model.EndsWith(".yml", StringComparison.OrdinalIgnoreCase)
        || model.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal)
        || model.Contains(Path.AltDirectorySeparatorChar, StringComparison.Ordinal);

    internal static Shape? ShapeOf(string? text)
    {
        if (text is null)
            return null;
        return Shape.TryParse(text, out Shape shape)
            ? shape
            : throw new InvalidInputException("--input", $"'{text}' is not a shape", "give extents such as 3x32x32");
    }

    private static void List(TextWriter output)
    {
        TextTable table = new(["name", "input", "blocks", "parameters", "MB", "GFLOPs"], textColumns: 2);
        foreach (string name in ModelZoo.Names)
        {
            Shape input = ModelZoo.UsualInput(name);
            Network network = new(ModelZoo.Create(name, input, UsualClasses));
            NetworkTotals totals = NetworkTotals.Of(network);
            table.Add(
                name,
                input.ToString(),
                network.Length.ToString(CultureInfo.InvariantCulture),
                HumanUnits.Count(totals.Parameters),
                (totals.WeightBytes / 1e6).ToString("0.00", CultureInfo.InvariantCulture),
                (totals.ForwardFlops / 1e9).ToString("G3", CultureInfo.InvariantCulture));
        }

        table.Write(output);
        output.WriteLine();
        output.WriteLine($"Any input size that fits, any number of classes; here {UsualClasses} classes, and one sample forward.");
        output.WriteLine("'edgesplit models show NAME --input CxHxW' shows one block by block.");
    }
}
