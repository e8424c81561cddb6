using System.CommandLine;
using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Text;
using EdgeSplit.Cli.Commands;
using EdgeSplit.Planning;
using Microsoft.Win32.SafeHandles;

namespace EdgeSplit.Cli;

internal static class Program
{
    private const int Failed = 1;
    private const int BadInput = 2;

    /// <summary>Its file descriptor.</summary>
    private const int StandardError = 2;
    internal const int NoPlan = 3;

    private static async Task<int> Main(string[] arguments)
    {
        OpenFiles.KeepReserve();
        try
        {
            return await RunHereAsync(arguments).ConfigureAwait(false);
        }
        catch (Exception exception) when (OpenFiles.Describe(exception) is { } problem)
        {
            // Not even the libraries that a command line is read with could be opened.
            TellDirectly(problem);
            return Failed;
        }
    }

    /// <summary>On its own, so that what it needs is loaded within <see cref="Main"/>'s care.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Task<int> RunHereAsync(string[] arguments) => RunAsync(
        CreateRoot(), arguments, new ProgramOutput(Console.Out, "standard output"), new ProgramOutput(Console.Error, "standard error"));

    internal static RootCommand CreateRoot()
    {
        RootCommand root = new("Parallel split learning: one network, trained by an edge server and many unequal devices.")
        {
            DemoCommand.Create(),
            InitCommand.Create(),
            TrainCommand.Create(),
            LaunchCommand.Create(),
            ServerCommand.Create(),
            DeviceCommand.Create(),
            CompareCommand.Create(),
            ReportCommand.Create(),
            EvaluateCommand.Create(),
            PredictCommand.Create(),
            ProfileCommand.Create(),
            PlanCommand.Create(),
            SimulateCommand.Create(),
            ModelsCommand.Create(),
            DataCommand.Create(),
            EnrollCommand.Create(),
            DoctorCommand.Create(),
        };
        // The assembly cannot be called edgesplit: where names ignore case it would be one file with EdgeSplit.dll.
        root.HelpName = "edgesplit";
        return root;
    }

    /// <summary>
    /// Runs a command line. The exit status is the command's own (0 done, 1 failed, 3 no feasible plan), or 2 for bad
    /// input, with one <c>error:</c> line per fault and never a stack trace.
    /// </summary>
    internal static async Task<int> RunAsync(RootCommand root, string[] arguments, TextWriter output, TextWriter error)
    {
        ParseResult parsed = root.Parse(arguments.Length > 0 ? arguments : ["--help"]);
        // By default the library ends the process on the first Ctrl-C; here training hears of it, and ends the round first.
        InvocationConfiguration configuration = new()
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
            Output = output,
            Error = error,
        };
        try
        {
            return CommandLineFaults.Of(parsed) is { Count: > 0 } faults
                ? throw new InvalidInputException(faults)
                : await parsed.InvokeAsync(configuration).ConfigureAwait(false);
        }
        catch (InvalidInputException invalid)
        {
            foreach (Fault fault in invalid.Faults)
                await error.WriteLineAsync($"error: {fault.ToString().ReplaceLineEndings(" ")}").ConfigureAwait(false);
            return BadInput;
        }
        catch (InfeasiblePlanException infeasible)
        {
            PlanReport.WriteInfeasible(infeasible.Policy, infeasible.Infeasible, error);
            return NoPlan;
        }
        catch (OperationCanceledException)
        {
            await error.WriteLineAsync("error: stopped before it was done").ConfigureAwait(false);
            return Failed;
        }
#pragma warning disable CA1031 // Whatever went wrong, a person gets one line that says so.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Tell(OpenFiles.Describe(exception) ?? exception.Message.ReplaceLineEndings(" "), error);
            return Failed;
        }
    }

    /// <summary>The last line, even where the runtime can open no terminal any more or nothing can be written.</summary>
    private static void Tell(string problem, TextWriter error)
    {
        try
        {
            error.WriteLine($"error: {problem}");
        }
        catch (Exception exception) when (exception is OutputException or Win32Exception or TypeInitializationException)
        {
            TellDirectly(problem);
        }
    }

    /// <summary>Without the runtime's console.</summary>
    private static void TellDirectly(string problem)
    {
        using SafeFileHandle standardError = new(StandardError, ownsHandle: false);
        try
        {
            using FileStream stream = new(standardError, FileAccess.Write, bufferSize: 0);
            stream.Write(Encoding.UTF8.GetBytes($"error: {problem}\n"));
        }
        catch (Exception silent) when (silent is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Nobody listens; the exit status is all that is left.
        }
    }
}
