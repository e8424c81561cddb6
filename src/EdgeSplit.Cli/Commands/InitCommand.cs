using System.CommandLine;
using EdgeSplit.Experiments;

namespace EdgeSplit.Cli.Commands;

/// <summary><c>edgesplit init</c>: a commented experiment file to start from.</summary>
internal static class InitCommand
{
    private const string SchemaName = "experiment.schema.json";

    public static Command Create()
    {
        Argument<string> file = new("FILE")
        {
            Description = "The file to write.",
            DefaultValueFactory = _ => "experiment.yaml",
        };
        Option<string> template = new("--template")
        {
            Description = $"What to start from: {string.Join(", ", ExperimentTemplate.Names)}.",
            HelpName = "NAME",
            DefaultValueFactory = _ => ExperimentTemplate.Names[0],
        };
        Option<bool> force = new("--force") { Description = "Replace the file if it is there already." };
        Option<bool> schema = new("--schema") { Description = "Print the JSON schema of experiment files instead, for editors; write nothing." };
        Command command = new("init", "Write a commented experiment file: every key with its meaning and default.") { file, template, force, schema };
        command.SetAction(parsed =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(schema))
                output.Write(ExperimentSchema.Write());
            else
                Write(parsed.GetValue(file)!, parsed.GetValue(template)!, parsed.GetValue(force), output);
        });
        return command;
    }

    private static void Write(string file, string template, bool force, TextWriter output)
    {
        if (!ExperimentTemplate.Names.Contains(template))
        {
            throw new InvalidInputException(
                "--template", $"there is no template '{template}'", NearestName.Remedy(template, ExperimentTemplate.Names));
        }

        if (Directory.Exists(file))
            throw new InvalidInputException(file, "this is a folder", "give the name of a file in it");
        if (File.Exists(file) && !force)
            throw new InvalidInputException(file, "the file is there already", "give another name, or --force to replace it");
        try
        {
            string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
            Directory.CreateDirectory(folder);
            string? schema = PlaceSchema(folder);
            AtomicFile.WriteText(file, ExperimentTemplate.Write(template, schema), overwrite: true);
            output.WriteLine($"Wrote {file}. Next: edgesplit train {file}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException(file, "the file cannot be written: " + exception.Message, "give another place");
        }
    }

    /// <summary>
    /// The reference to the schema for editors: of the <c>schemas</c> folder above, if there is one, else of a file written
    /// beside the experiment. Null where another file has that name.
    /// </summary>
    private static string? PlaceSchema(string folder)
    {
        for (string? above = folder; above is not null; above = Path.GetDirectoryName(above))
        {
            string candidate = Path.Combine(above, "schemas", SchemaName);
            if (File.Exists(candidate))
                return Path.GetRelativePath(folder, candidate).Replace(Path.DirectorySeparatorChar, '/');
        }

        string beside = Path.Combine(folder, SchemaName);
        if (File.Exists(beside) && !File.ReadAllText(beside).Contains($"\"{ExperimentSchema.Title}\"", StringComparison.Ordinal))
            return null;
        AtomicFile.WriteText(beside, ExperimentSchema.Write());
        return "./" + SchemaName;
    }
}
