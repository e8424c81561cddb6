using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgeSplit.Cli;

/// <summary>
/// How many files this process may have open, and a few kept open in reserve: where there is no room for another, the runtime cannot even
/// load what it needs to say so.
/// </summary>
internal static partial class OpenFiles
{
    /// <summary>What a small run needs; a server needs two more for every device.</summary>
    private const int Enough = 1024;
    private const int Reserved = 16;

    /// <summary>With a limit below this, a library that cannot be loaded is one that cannot be opened.</summary>
    private const ulong Few = 256;

    private static readonly Stack<SafeFileHandle> Reserve = [];
    private static ulong? limit;

    /// <summary>Called when the process begins.</summary>
    public static void KeepReserve()
    {
        limit = Limit();
        string self = typeof(OpenFiles).Assembly.Location;
        for (int kept = 0; kept < Reserved && TryOpen(self) is { } handle; kept++)
            Reserve.Push(handle);
    }

    /// <summary>What to say where an error comes of too many open files; null where it does not. There is room for a few more from then on.</summary>
    public static string? Describe(Exception exception)
    {
        bool areTooMany = (limit < Few && IsUnloadable(exception)) || !CanOpen();
        while (Reserve.TryPop(out SafeFileHandle? handle))
            handle.Dispose();
        if (!areTooMany && !FileTrouble.IsTooManyFiles(exception))
            return null;
        string many = limit is { } most ? most.ToString(CultureInfo.InvariantCulture) : "no more";
        return $"too many open files: this process may have {many} open at once; raise the limit of open files, as with: ulimit -n {Enough}";
    }

    /// <summary>Whether a library was not found: those that there are were found by the build.</summary>
    private static bool IsUnloadable(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is FileNotFoundException { FileName: { } library } && library.Contains(", Version=", StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    private static bool CanOpen()
    {
        using SafeFileHandle? handle = TryOpen(typeof(OpenFiles).Assembly.Location);
        return handle is not null;
    }

    private static SafeFileHandle? TryOpen(string path)
    {
        try
        {
            return File.OpenHandle(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private static ulong? Limit()
    {
        if (OperatingSystem.IsWindows())
            return null;
        int resource = OperatingSystem.IsMacOS() ? 8 : 7;
        return GetLimit(resource, out ResourceLimit given) == 0 ? given.Soft : null;
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out ResourceLimit given);

    [StructLayout(LayoutKind.Sequential)]
    private struct ResourceLimit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
