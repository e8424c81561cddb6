using System.Security.Cryptography;

namespace EdgeSplit.Torch.Native;

/// <summary>A patched library's file, never the one it was made from: that is a hard link into the package cache.</summary>
internal static class PatchedLibrary
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The user's cache folder for it.</summary>
    public static string CacheFolder => Path.Combine(UserCache.Folder, "native");

    /// <summary>
    /// The path of a file with these bytes, named by their hash in <paramref name="cacheFolder"/>; in a new temporary folder
    /// where that cannot be written.
    /// </summary>
    /// <exception cref="IOException">Neither can be written.</exception>
    public static string Place(byte[] content, string fileName, string cacheFolder)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(content))[..32];
        try
        {
            string folder = CreateFolder(Path.Combine(cacheFolder, hash));
            string path = Path.Combine(folder, fileName);
            // What somebody left there is loaded only if it is what we would write.
            if (!File.Exists(path) || !File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
                Write(path, content);
            return path;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            string path = Path.Combine(ScratchFolder.Create("edgesplit-").FullName, fileName);
            Write(path, content);
            return path;
        }
    }

    private static string CreateFolder(string path) =>
        OperatingSystem.IsWindows()
            ? Directory.CreateDirectory(path).FullName
            : Directory.CreateDirectory(path, OwnerOnly).FullName;

    private static void Write(string path, byte[] content)
    {
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using (FileStream stream = new(temporary, options))
            stream.Write(content);
        File.Move(temporary, path, overwrite: true);
    }
}
