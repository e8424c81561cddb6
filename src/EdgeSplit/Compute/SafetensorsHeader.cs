using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;
using EdgeSplit.Numerics;

namespace EdgeSplit.Compute;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ElementType">The type of its elements.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Offset">Where in the file its bytes begin.</param>
/// <param name="ByteCount">How many there are.</param>
public sealed record SafetensorsEntry(string Name, ElementType ElementType, Shape Shape, long Offset, long ByteCount);

/// <summary>
/// What a safetensors file says it holds, checked against what it is: the tensors fill it exactly, none overlap, and each
/// has the bytes its shape needs. Format: github.com/huggingface/safetensors, "Format".
/// </summary>
public sealed class SafetensorsHeader
{
    /// <summary>The format's own limit.</summary>
    public const int MaximumBytes = 100_000_000;

    private readonly OrderedDictionary<string, SafetensorsEntry> entries = new(StringComparer.Ordinal);

    private SafetensorsHeader(IEnumerable<SafetensorsEntry> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        Metadata = metadata;
        foreach (SafetensorsEntry entry in tensors)
            entries.Add(entry.Name, entry);
    }

    /// <summary>The tensors, in the order of the header.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries => entries.Values;

    /// <summary>What the writer said about the tensors: text by name.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    public SafetensorsEntry? Find(string name) => entries.GetValueOrDefault(name);

    /// <param name="stream">The whole file, at its start.</param>
    /// <param name="path">What to call it in a fault.</param>
    /// <exception cref="InvalidInputException">It is not a safetensors file, or a damaged one.</exception>
    public static SafetensorsHeader Read(Stream stream, string path)
    {
        if (ForeignFile.Of(stream) is { IsSafetensors: false } foreign)
            throw new InvalidInputException(path, $"this is {foreign.Kind}, and weights are read as safetensors", foreign.Remedy);
        long length = stream.Length;
        if (length < sizeof(ulong))
            throw Damaged(path, $"its {length} bytes are too few for a safetensors file");
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        stream.ReadExactly(prefix);
        ulong bytes = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (bytes > MaximumBytes)
            throw Damaged(path, "it does not begin as a safetensors file does, with the length of its header");
        if (bytes > (ulong)(length - sizeof(ulong)))
            throw Damaged(path, $"it says that its header has {bytes} bytes, but only {length - sizeof(ulong)} follow");
        byte[] header = new byte[bytes];
        stream.ReadExactly(header);
        return Parse(header, length, path);
    }

    private static SafetensorsHeader Parse(ReadOnlySpan<byte> header, long fileLength, string path)
    {
        if (!Utf8.IsValid(header))
            throw Damaged(path, "its header is not UTF-8");
        if (header.IsEmpty || header[0] != (byte)'{')
            throw Damaged(path, "its header is not a JSON object");
        long start = sizeof(ulong) + header.Length;
        List<SafetensorsEntry> entries;
        Dictionary<string, string> metadata = new(StringComparer.Ordinal);
        try
        {
            entries = SafetensorsHeaderJson.Parse(header, start, metadata);
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException)
        {
            throw Damaged(path, $"its header cannot be read: {exception.Message}");
        }

        List<Fault> faults = [.. Faults(entries, start, fileLength).Take(10).Select(problem => FaultOf(path, problem))];
        return faults.Count == 0 ? new SafetensorsHeader(entries, metadata) : throw new InvalidInputException(faults);
    }

    private static IEnumerable<string> Faults(List<SafetensorsEntry> entries, long start, long fileLength)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (SafetensorsEntry entry in entries)
        {
            if (!names.Add(entry.Name))
                yield return $"'{entry.Name}' is there twice";
            if (BytesOf(entry) is not { } expected)
                yield return $"'{entry.Name}' of shape {entry.Shape} is too large";
            else if (expected != entry.ByteCount)
                yield return $"'{entry.Name}' has {entry.ByteCount} bytes, but {entry.ElementType} of shape {entry.Shape} needs {expected}";
        }

        long end = start;
        foreach (SafetensorsEntry entry in entries.OrderBy(entry => entry.Offset).ThenBy(entry => entry.ByteCount))
        {
            if (entry.Offset != end)
            {
                yield return entry.Offset < end ? $"'{entry.Name}' overlaps another tensor" : $"there is a hole before '{entry.Name}'";
                yield break;
            }

            end += entry.ByteCount;
        }

        if (end != fileLength)
            yield return $"its header speaks of {end} bytes, but the file has {fileLength}";
    }

    /// <summary>The bytes of its shape; null beyond what one tensor can hold.</summary>
    private static long? BytesOf(SafetensorsEntry entry)
    {
        UInt128 bytes = (UInt128)entry.ElementType.Size();
        foreach (int extent in entry.Shape.Dimensions)
        {
            bytes *= (UInt128)extent;
            if (bytes > (UInt128)Array.MaxLength && !entry.Shape.Dimensions.Contains(0))
                return null;
        }

        return entry.Shape.Dimensions.Contains(0) ? 0 : (long)bytes;
    }

    private static InvalidInputException Damaged(string path, string problem) => new([FaultOf(path, problem)]);

    private static Fault FaultOf(string path, string problem) =>
        new(path, problem, "write the file again, or copy it again if it was cut short");
}
