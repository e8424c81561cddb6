using System.Diagnostics;

namespace EdgeSplit.Cli.Processes;

/// <summary>This program once more, as a child that ends with this one: its standard input is a pipe from here.</summary>
internal sealed class ChildProcess : IDisposable
{
    private const int SignalBase = 128;

    private readonly Process process;
    private readonly Task output;

    private ChildProcess(string name, Process process, Action<string> tell)
    {
        Name = name;
        this.process = process;
        output = Task.WhenAll(ForwardAsync(process.StandardOutput, tell), ForwardAsync(process.StandardError, tell));
        Ended = EndAsync();
    }

    public string Name { get; }

    /// <summary>Completes with the exit status, after all it printed was told.</summary>
    public Task<int> Ended { get; }

    /// <param name="name">What its lines are marked with.</param>
    /// <param name="arguments">Of the command line.</param>
    /// <param name="line">The first line of its standard input, which nobody else sees.</param>
    /// <param name="givesWay">It computes when this process does not.</param>
    /// <param name="tell">Gets every line it prints, marked.</param>
    public static ChildProcess Start(string name, IEnumerable<string> arguments, string line, bool givesWay, Action<string> tell)
    {
        string host = Environment.ProcessPath ?? throw new InvalidOperationException("This process does not know its own program.");
        string program = Path.Combine(AppContext.BaseDirectory, typeof(ChildProcess).Assembly.GetName().Name + ".dll");
        bool isHost = Path.GetFileNameWithoutExtension(host) == "dotnet";
        ProcessStartInfo start = new(host, isHost ? [program, .. arguments] : arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        Process process = Process.Start(start)!;
        try
        {
            process.StandardInput.WriteLine(line);
        }
        catch (IOException)
        {
            // It has ended already, and with what it printed says why.
        }

        // At once: on Linux threads have it from the thread that starts them.
        if (givesWay && !process.HasExited)
            process.PriorityClass = ProcessPriorityClass.BelowNormal;
        return new ChildProcess(name, process, tell);
    }

    /// <summary>How a process ended, for people.</summary>
    /// <param name="status">Its exit status; that of one that a signal killed is beyond 128.</param>
    public static string Describe(int status) => status > SignalBase && !OperatingSystem.IsWindows()
        ? FormattableString.Invariant($"was killed by signal {status - SignalBase}")
        : FormattableString.Invariant($"ended with status {status}");

    /// <summary>Asks it to end, as the end of this process would.</summary>
    public void CloseInput()
    {
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // Nobody reads any more.
        }
    }

    /// <summary>Ends it now.</summary>
    public void Kill()
    {
        if (!process.HasExited)
            process.Kill();
    }

    public void Dispose() => process.Dispose();

    private async Task ForwardAsync(StreamReader lines, Action<string> tell)
    {
        while (await lines.ReadLineAsync().ConfigureAwait(false) is { } line)
            tell($"{Name}: {line}");
    }

    private async Task<int> EndAsync()
    {
        await process.WaitForExitAsync().ConfigureAwait(false);
        await output.ConfigureAwait(false);
        return process.ExitCode;
    }
}
