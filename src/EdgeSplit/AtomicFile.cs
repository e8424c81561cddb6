using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace EdgeSplit;

/// <summary>
/// Writes a file so that a reader finds the old one or the whole new one, whenever the process ends, and after a power failure
/// too: the file is on the disk before it gets its name, and the name before the call returns.
/// </summary>
public static partial class AtomicFile
{
    /// <summary>What the names of unfinished files end in, after the file's own and the process's number.</summary>
    private const string TemporaryExtension = ".tmp";

    /// <summary>For what no other user may read. Windows has no such modes: there a file is as private as its folder.</summary>
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Lets <paramref name="write"/> fill a file beside <paramref name="path"/>, then puts it in that place.</summary>
    /// <param name="path">The file to write.</param>
    /// <param name="write">Gets the stream of a new file in the same folder.</param>
    /// <param name="overwrite">Whether a file already at <paramref name="path"/> is replaced; an <see cref="IOException"/> if not.</param>
    /// <param name="mode">Who may use it, from its first byte on; null for what the process gives new files.</param>
    /// <exception cref="IOException">It cannot be written; nothing is left behind.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not the user's to write to.</exception>
    public static void Write(string path, Action<Stream> write, bool overwrite = true, UnixFileMode? mode = null)
    {
        string temporary = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}{TemporaryExtension}");
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (mode is not null && !OperatingSystem.IsWindows())
        {
            // A mode is a new file's: what a process that was killed left here would keep its own.
            File.Delete(temporary);
            options.Mode = FileMode.CreateNew;
            options.UnixCreateMode = mode;
        }

        try
        {
            using (FileStream stream = new(temporary, options))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite);
            SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch
        {
            if (File.Exists(temporary))
                File.Delete(temporary);
            throw;
        }
    }

    /// <summary>As <see cref="Write"/>, with a text in UTF-8, without a byte-order mark.</summary>
    public static void WriteText(string path, string text, bool overwrite = true, UnixFileMode? mode = null) =>
        Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)), overwrite, mode);

    /// <summary>Removes what processes that were killed left of <paramref name="path"/>. Nobody may be writing it.</summary>
    /// <exception cref="IOException">One cannot be removed.</exception>
    public static void DeleteUnfinished(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder))
            return;
        foreach (string unfinished in Directory.EnumerateFiles(folder, $"{Path.GetFileName(path)}.*{TemporaryExtension}"))
            File.Delete(unfinished);
    }

    /// <summary>Makes a folder, in one that is there, whose name is on the disk when the call returns.</summary>
    /// <inheritdoc cref="Write"/>
    public static void CreateFolder(string path)
    {
        if (Directory.Exists(path))
            return;
        string parent = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(parent))
            throw new DirectoryNotFoundException($"There is no folder '{parent}' any more.");
        Directory.CreateDirectory(path);
        SyncFolder(parent);
    }

    /// <summary>Puts the names in a folder on the disk. Windows has no such call, and its file systems keep a journal of them.</summary>
    private static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        // The runtime opens files only. A folder that may be written to but not read is left to the system.
        using SafeFileHandle handle = OpenFolder(folder, ReadOnly);
        if (!handle.IsInvalid)
            RandomAccess.FlushToDisk(handle);
    }

    private const int ReadOnly = 0;

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenFolder(string path, int flags);
}
