using System.CommandLine;
using System.CommandLine.Invocation;
using EdgeSplit.Cli.Commands;

namespace EdgeSplit.Cli;

internal static class Program
{
    private const int Failed = 1;
    private const int BadInput = 2;

    private static Task<int> Main(string[] arguments) => RunAsync(CreateRoot(), arguments, Console.Out, Console.Error);

    private static RootCommand CreateRoot() => new("Parallel split learning: one network, trained by an edge server and many unequal devices.")
    {
        DemoCommand.Create(),
        InitCommand.Create(),
        TrainCommand.Create(),
        EvaluateCommand.Create(),
    };

    /// <summary>
    /// Runs a command line. The exit status is the command's own (0 done, 1 failed, 3 no feasible plan), or 2 for bad
    /// input, with one <c>error:</c> line per fault and never a stack trace.
    /// </summary>
    internal static async Task<int> RunAsync(RootCommand root, string[] arguments, TextWriter output, TextWriter error)
    {
        ParseResult parsed = root.Parse(arguments);
        InvocationConfiguration configuration = new() { EnableDefaultExceptionHandler = false, Output = output, Error = error };
        try
        {
            int status = await parsed.InvokeAsync(configuration).ConfigureAwait(false);
            return parsed.Action is ParseErrorAction ? BadInput : status;
        }
        catch (InvalidInputException invalid)
        {
            foreach (Fault fault in invalid.Faults)
                await error.WriteLineAsync($"error: {fault.ToString().ReplaceLineEndings(" ")}").ConfigureAwait(false);
            return BadInput;
        }
#pragma warning disable CA1031 // Whatever went wrong, a person gets one line that says so.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            await error.WriteLineAsync($"error: {exception.Message.ReplaceLineEndings(" ")}").ConfigureAwait(false);
            return Failed;
        }
    }
}
