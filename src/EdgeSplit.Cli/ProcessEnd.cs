using System.Runtime.InteropServices;

namespace EdgeSplit.Cli;

/// <summary>
/// The end of this process where something at work would not end by itself, as an operation of libtorch cannot be interrupted. What is on the
/// disk stays sound: it is written as if the process could be killed at any instant.
/// </summary>
internal static partial class ProcessEnd
{
    /// <summary>Between being told to end and ending so; with what comes after, less than five seconds.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    /// <summary>Does not return.</summary>
    /// <param name="status">The exit status.</param>
    public static void Now(int status)
    {
        // Not Environment.Exit elsewhere: it runs what libraries do at their ends, under threads that are still at work in them.
        if (!OperatingSystem.IsWindows())
            Exit(status);
        Environment.Exit(status);
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void Exit(int status);
}
