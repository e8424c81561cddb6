using System.Runtime.InteropServices;

namespace EdgeSplit.Cli;

/// <summary>How many files this process may have open.</summary>
internal static partial class OpenFiles
{
    /// <summary>What a small run needs; a server needs two more for every device.</summary>
    private const int Enough = 1024;

    /// <summary>Whether an error comes of too many open files: it says so, or no file can be opened any more.</summary>
    public static bool AreTooMany(Exception exception) => FileTrouble.IsTooManyFiles(exception) || !CanOpen();

    public static string Describe() =>
        $"too many open files: this process may have {(Limit() is { } limit ? limit.ToString(System.Globalization.CultureInfo.InvariantCulture) : "no more")} open at once; raise the limit of open files, as with: ulimit -n {Enough}";

    private static bool CanOpen()
    {
        try
        {
            using Microsoft.Win32.SafeHandles.SafeFileHandle handle = File.OpenHandle(typeof(OpenFiles).Assembly.Location);
            return true;
        }
        catch (IOException exception)
        {
            return !FileTrouble.IsTooManyFiles(exception);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or ArgumentException)
        {
            return true;
        }
    }

    private static ulong? Limit()
    {
        if (OperatingSystem.IsWindows())
            return null;
        int resource = OperatingSystem.IsMacOS() ? 8 : 7;
        return GetLimit(resource, out ResourceLimit limit) == 0 ? limit.Soft : null;
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out ResourceLimit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct ResourceLimit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
