using System.Diagnostics;
using EdgeSplit.Tests.Data;

namespace EdgeSplit.Tests.Faults;

/// <summary>A file system of its own, so small that it fills up: in memory, or in a file with a journal and delayed allocation as a disk has.</summary>
internal sealed class SmallDisk : IDisposable
{
    private const int Block = 4096;

    private readonly TemporaryFolder folder = new();
    private readonly List<string> fillers = [];

    private SmallDisk() => Directory.CreateDirectory(Root);

    /// <summary>Where it is mounted.</summary>
    public string Root => folder.At("disk");

    /// <summary>Bytes that are left on it.</summary>
    public long Free => new DriveInfo(Root).AvailableFreeSpace;

    /// <summary>Mounts one; skips the test where that is not this user's to do.</summary>
    /// <param name="kind"><c>tmpfs</c> or <c>ext4</c>.</param>
    /// <param name="kibibytes">How large.</param>
    public static SmallDisk Mount(string kind, int kibibytes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Mounting a small file system needs Linux and root.");
        SmallDisk disk = new();
        string? refusal = kind == "tmpfs"
            ? Run("mount", "-t", "tmpfs", "-o", $"size={kibibytes}k", "edgesplit-test", disk.Root)
            : disk.MountImage(kind, kibibytes);
        if (refusal is null)
            return disk;
        disk.folder.Dispose();
        Assert.Skip($"A {kind} of {kibibytes} KiB cannot be mounted here: {refusal}");
        return disk;
    }

    /// <summary>Takes what is left but for so many bytes.</summary>
    public void Fill(long leave)
    {
        string path = Path.Combine(Root, $"filler-{fillers.Count}");
        fillers.Add(path);
        using FileStream stream = new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        // In pieces: a file system needs some blocks for itself to note where a file's are.
        for (long more = Free - leave; more >= Block; more = Free - leave)
        {
            try
            {
                stream.Write(new byte[Math.Max(Block, more / 2 / Block * Block)]);
                stream.Flush(flushToDisk: true);
            }
            catch (IOException)
            {
                // It says that there is room, and there is none.
                return;
            }
        }
    }

    /// <summary>Gives back what was taken.</summary>
    public void MakeRoom()
    {
        fillers.ForEach(File.Delete);
        fillers.Clear();
    }

    public void Dispose()
    {
        if (Run("umount", Root) is { } refusal)
            Assert.Fail($"{Root} cannot be unmounted: {refusal}");
        folder.Dispose();
    }

    private string? MountImage(string kind, int kibibytes)
    {
        string image = folder.At("image");
        using (FileStream stream = File.Create(image))
            stream.SetLength(kibibytes * 1024L);
        return Run($"mkfs.{kind}", "-q", "-m", "0", image) ?? Run("mount", "-o", "loop", image, Root);
    }

    /// <summary>What a command says where it fails; null where it does not.</summary>
    private static string? Run(string command, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
            string error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : error.Trim();
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return missing.Message;
        }
    }
}
