using System.CommandLine;
using Spectre.Console;

namespace EdgeSplit.Cli.Commands;

/// <summary>Options that mean the same in every command that has them.</summary>
internal static class CommonOptions
{
    public static Option<string[]> Set() => new("--set")
    {
        Description = "Override a key of the experiment file, for instance --set training.rounds=5. May be repeated.",
        HelpName = "KEY=VALUE",
        AllowMultipleArgumentsPerToken = false,
        DefaultValueFactory = _ => [],
    };

    public static Option<string?> DataDirectory() => new("--data-dir")
    {
        Description = "Where data sets lie, before EDGESPLIT_DATA, the user's cache and the project's own data folder.",
        HelpName = "FOLDER",
    };

    public static Option<string?> Device() => new("--device")
    {
        Description = "What computes: cpu, cuda or cuda:N. [default: the experiment's compute.device]",
        HelpName = "DEVICE",
    };

    public static Option<ProgressKind?> Progress()
    {
        Option<ProgressKind?> option = new("--progress")
        {
            Description = "live redraws in place, plain prints a line a round, json prints each event on a line. [default: live in a terminal, else plain]",
            HelpName = "live|plain|json",
        };
        return option.AcceptOnlyFromAmong("live", "plain", "json");
    }

    /// <summary>How it shows, where nothing is said: live in a terminal.</summary>
    public static ProgressKind ProgressOf(ProgressKind? chosen) => chosen ?? (Console.IsOutputRedirected ? ProgressKind.Plain : ProgressKind.Live);

    /// <summary>What ends a run; told beside its progress.</summary>
    public static StopSignal StopFor(ProgressKind progress, TextWriter error) =>
        new(progress == ProgressKind.Live ? AnsiConsole.Console.WriteLine : error.WriteLine, TimeProvider.System);

    public static Option<string?> Out() => new("--out")
    {
        Description = "The run folder to make. [default: runs/NAME-N]",
        HelpName = "FOLDER",
    };

    public static Option<bool> Force() => new("--force") { Description = "Replace what an earlier run left in the output folder." };

    public static Option<OutputFormat> Format()
    {
        Option<OutputFormat> option = new("--format")
        {
            Description = "text for people, json for programs. [default: text]",
            HelpName = "text|json",
        };
        return option.AcceptOnlyFromAmong("text", "json");
    }
}

/// <summary>Who reads what a command prints.</summary>
internal enum OutputFormat
{
    Text,
    Json,
}
