using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace EdgeSplit.Cli;

/// <summary>What is wrong with a command line, told like any other fault.</summary>
internal static partial class CommandLineFaults
{
    /// <summary>Every fault, but for those that only follow from an unknown command: its own arguments. None where it can be run.</summary>
    public static IReadOnlyList<Fault> Of(ParseResult parsed)
    {
        if (parsed.Action is not ParseErrorAction)
            return [.. Empty(parsed.CommandResult)];
        Command command = parsed.CommandResult.Command;
        if (command.Subcommands.Count > 0 && parsed.UnmatchedTokens is [var unknown, ..])
            return [FaultOf($"there is no command '{unknown}'", unknown, command)];
        return [.. parsed.Errors.Select(wrong => FaultOf(
            Plain(wrong.Message),
            parsed.UnmatchedTokens.FirstOrDefault(token => wrong.Message.Contains($"'{token}'", StringComparison.Ordinal)),
            command))];
    }

    /// <summary>What is given as nothing at all, as by a variable of the shell that is not set: no path, name or number is that.</summary>
    private static IEnumerable<Fault> Empty(CommandResult command) =>
        from child in command.Children
        where child.Tokens.Any(token => token.Value.Length == 0)
        select new Fault(child is OptionResult option ? option.Option.Name : ((ArgumentResult)child).Argument.Name, "it is empty", "give a value, or leave it out");

    private static Fault FaultOf(string problem, string? unknown, Command command)
    {
        string[] known = [.. command.Subcommands.Select(one => one.Name), .. command.Options.Select(one => one.Name)];
        string? nearest = unknown is null ? null : NearestName.Of(unknown, known);
        string name = command is RootCommand ? "edgesplit" : command.Name;
        return new Fault(name, problem, nearest is null ? "see --help" : $"did you mean '{nearest}'?");
    }

    private static string Plain(string message) => TypeName().Replace(
        Spaces().Replace(message.TrimEnd('.'), " "), match => match.Value.Contains("Double", StringComparison.Ordinal) ? "as a number" : "as a whole number");

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"as expected type '[^']*(Int32|Double)[^']*'")]
    private static partial Regex TypeName();
}
