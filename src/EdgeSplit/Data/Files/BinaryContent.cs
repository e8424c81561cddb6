using System.Text;

namespace EdgeSplit.Data.Files;

/// <summary>What a file that should be text is, by its first bytes, where it is not text.</summary>
internal static class BinaryContent
{
    private const int LookedAt = 4096;

    private static readonly (byte[] Start, string What)[] Known =
    [
        ([0x50, 0x4B, 0x03, 0x04], "a zip archive (as .npz, .xlsx and PyTorch files are)"),
        ([0x1F, 0x8B], "gzip data"),
        ([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59], "a NumPy array"),
        ([0x89, 0x50, 0x4E, 0x47], "a PNG image"),
        ([0xFF, 0xD8, 0xFF], "a JPEG image"),
        ([0x89, 0x48, 0x44, 0x46], "an HDF5 file"),
        ([0x42, 0x5A, 0x68], "bzip2 data"),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "xz data"),
        ([0x28, 0xB5, 0x2F, 0xFD], "zstd data"),
        ("PAR1"u8.ToArray(), "a Parquet file"),
        ("SQLite format 3"u8.ToArray(), "an SQLite database"),
        ("%PDF"u8.ToArray(), "a PDF"),
        ([0x7F, 0x45, 0x4C, 0x46], "a program"),
        ([0x00, 0x00, 0x08], "an IDX file"),
    ];

    /// <summary>In words; null where it may be text. The file's position is its start before and after.</summary>
    public static string? Of(FileStream file)
    {
        byte[] buffer = new byte[LookedAt];
        ReadOnlySpan<byte> bytes = buffer.AsSpan(0, file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
        file.Position = 0;
        foreach ((byte[] start, string what) in Known)
        {
            if (bytes.StartsWith(start))
                return what;
        }

        // UTF-16 and UTF-32 with their marks are text, and hold zeros.
        bool isMarked = bytes.StartsWith(Encoding.Unicode.Preamble) || bytes.StartsWith(Encoding.BigEndianUnicode.Preamble) || bytes.StartsWith(Encoding.UTF32.Preamble);
        return !isMarked && bytes.IndexOfAnyInRange((byte)0x00, (byte)0x08) >= 0 ? "binary data" : null;
    }
}
