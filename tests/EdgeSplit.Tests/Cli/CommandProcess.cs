using System.Diagnostics;
using System.Runtime.InteropServices;

namespace EdgeSplit.Tests.Cli;

/// <summary>The program in a process of its own, for what only a process has: signals and limits.</summary>
internal sealed partial class CommandProcess : IDisposable
{
    private readonly Process process;

    private CommandProcess(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        process = Process.Start(start)!;
    }

    public int Id => process.Id;

    public TextReader Output => process.StandardOutput;

    public TextReader Error => process.StandardError;

    /// <summary>The host that runs these tests.</summary>
    private static string Host => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    private static string Program => Path.Combine(AppContext.BaseDirectory, "EdgeSplit.Cli.dll");

    /// <summary>As from a terminal: who runs these tests in the background may ignore Ctrl-C, which a process has from the one that starts it.</summary>
    public static CommandProcess Start(params IEnumerable<string> arguments) => new(OperatingSystem.IsLinux()
        // 'env' becomes the program: it is the same process.
        ? new ProcessStartInfo("env", ["--default-signal=INT,HUP", Host, Program, .. arguments])
        : new ProcessStartInfo(Host, [Program, .. arguments]));

    /// <summary>With a folder of its own for temporary files.</summary>
    public static CommandProcess StartWithTemporary(string folder, params IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(Host, [Program, .. arguments]);
        start.Environment["TMPDIR"] = folder;
        return new CommandProcess(start);
    }

    /// <summary>On another host of this machine.</summary>
    /// <param name="networkNamespace">The host.</param>
    /// <param name="settings">Where it keeps its user's settings.</param>
    /// <param name="arguments">The program's.</param>
    public static CommandProcess StartIn(string networkNamespace, string settings, params IEnumerable<string> arguments)
    {
        // 'ip' becomes the program: it is the same process.
        ProcessStartInfo start = new("ip", ["netns", "exec", networkNamespace, Host, Program, .. arguments]);
        start.Environment["XDG_CONFIG_HOME"] = settings;
        return new CommandProcess(start);
    }

    /// <summary>With no file of its own larger than <paramref name="kibibytes"/>: to the program as if the disk were full.</summary>
    public static CommandProcess StartWithLittleDisk(int kibibytes, params IEnumerable<string> arguments)
    {
        // The shell's ignored signal is inherited, so that a write fails instead of ending the process.
        ProcessStartInfo start = new("/bin/sh", ["-c", $"trap '' XFSZ; ulimit -f {2 * kibibytes}; exec \"$@\"", "sh", Host, Program, .. arguments]);
        // The runtime maps its code from a file of its own otherwise.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        return new CommandProcess(start);
    }

    /// <summary>By a shell, which sets limits and redirects; <c>"$@"</c> is the program with its arguments.</summary>
    /// <param name="script">What the shell does.</param>
    /// <param name="environment">A variable and its value; null for none.</param>
    /// <param name="arguments">The program's.</param>
    public static CommandProcess StartBy(string script, (string Name, string Value)? environment, params IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new("/bin/sh", ["-c", script, "sh", Host, Program, .. arguments]);
        if (environment is var (name, value))
            start.Environment[name] = value;
        return new CommandProcess(start);
    }

    /// <summary>
    /// With one heap of the C library for all its threads. Each thread has its own otherwise, at whose end glibc keeps as much as was
    /// free there by chance: tens of MiB more or less from round to round that nothing holds.
    /// </summary>
    public static CommandProcess StartWithOneHeap(params IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(Host, [Program, .. arguments]);
        start.Environment["MALLOC_ARENA_MAX"] = "1";
        return new CommandProcess(start);
    }

    /// <summary>What Ctrl-C sends.</summary>
    public void Interrupt() => Signal(2);

    /// <summary>SIGHUP: what the end of a terminal sends.</summary>
    public void HangUp() => Signal(1);

    /// <summary>SIGTERM: what a service manager sends.</summary>
    public void Terminate() => Signal(15);

    /// <summary>SIGKILL: it does nothing more.</summary>
    public void Destroy() => process.Kill();

    /// <summary>SIGSTOP: it stands still, and everyone else sees it silent.</summary>
    public void Stop() => Assert.Equal(0, Kill(process.Id, OperatingSystem.IsMacOS() ? 17 : 19));

    /// <summary>SIGCONT: it goes on as if nothing had been.</summary>
    public void Continue() => Assert.Equal(0, Kill(process.Id, OperatingSystem.IsMacOS() ? 19 : 18));

    public async Task<int> EndAsync(CancellationToken cancellation)
    {
        await process.WaitForExitAsync(cancellation);
        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.Dispose();
    }

    private void Signal(int number) => Assert.Equal(0, Kill(process.Id, number));

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
