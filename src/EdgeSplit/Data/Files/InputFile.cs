using System.IO.Compression;
using System.Security.Cryptography;

namespace EdgeSplit.Data.Files;

/// <summary>Reading a data file that may be missing, cut off, damaged or hostile: what goes wrong becomes a fault.</summary>
internal static class InputFile
{
    /// <summary>Deflate makes at most 1032 bytes of one.</summary>
    private const long MostExpansion = 1032;

    /// <summary>Runs <paramref name="read"/>; null and a fault where the file cannot be opened or read.</summary>
    public static T? Read<T>(string path, List<Fault> faults, Func<FileStream, T?> read)
        where T : class
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return read(file);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            faults.Add(new Fault(path, "there is no such file", "check the path"));
        }
        catch (UnauthorizedAccessException)
        {
            string problem = Directory.Exists(path) ? "it is a folder, not a file" : "it may not be read";
            faults.Add(new Fault(path, problem, "check the path and its permissions"));
        }
        catch (InvalidDataException)
        {
            faults.Add(new Fault(path, "its gzip data are damaged or cut off", "get the file again"));
        }
        catch (Exception error) when (error is IOException or ArgumentException or NotSupportedException)
        {
            faults.Add(new Fault(path, $"it cannot be read ({FileTrouble.Describe(error)})", "check the path and the disk"));
        }

        return null;
    }

    /// <summary>The file's content, decompressed where it is gzipped, and the most bytes that can be.</summary>
    public static (Stream Content, long MostBytes) Open(FileStream file)
    {
        bool gzipped = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
        file.Position = 0;
        return gzipped
            ? (new GZipStream(file, CompressionMode.Decompress), file.Length * MostExpansion)
            : (file, file.Length);
    }

    /// <summary>
    /// Exactly <paramref name="count"/> bytes, or null where the stream ends before. Memory grows with what arrives, so that a header
    /// that lies about a length costs nothing.
    /// </summary>
    public static byte[]? ReadExactly(Stream stream, int count)
    {
        byte[] bytes = new byte[Math.Min(count, 1 << 26)];
        int filled = 0;
        while (true)
        {
            int read = stream.ReadAtLeast(bytes.AsSpan(filled), bytes.Length - filled, throwOnEndOfStream: false);
            filled += read;
            if (filled == count)
                return bytes;
            if (filled < bytes.Length)
                return null;
            Array.Resize(ref bytes, (int)Math.Min(count, 2L * bytes.Length));
        }
    }

    /// <summary>The file's SHA-256 in lower-case hexadecimal; null and a fault where it cannot be read.</summary>
    public static string? Sha256(string path, List<Fault> faults) =>
        Read(path, faults, file => Convert.ToHexStringLower(SHA256.HashData(file)));
}
