using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using EdgeSplit.Numerics;

namespace EdgeSplit.Compute;

/// <summary>Weights on disk, in the format that PyTorch's ecosystem shares.</summary>
public static class SafetensorsFile
{
    /// <summary>What the file holds, without reading any tensor.</summary>
    /// <exception cref="InvalidInputException">There is no such file, it cannot be read, or it is damaged.</exception>
    public static SafetensorsHeader ReadHeader(string path)
    {
        using FileStream stream = Open(path);
        return SafetensorsHeader.Read(stream, path);
    }

    /// <summary>Every tensor as it is stored, in the header's order; the caller's to dispose.</summary>
    /// <inheritdoc cref="ReadHeader"/>
    public static Weights Read(string path)
    {
        using FileStream stream = Open(path);
        SafetensorsHeader header = SafetensorsHeader.Read(stream, path);
        Weights weights = new();
        foreach (SafetensorsEntry entry in header.Entries)
            weights.Add(entry.Name, ReadTensor(stream, entry, path));
        return weights;
    }

    /// <summary>Writes all tensors, and text about them for <see cref="SafetensorsHeader.Metadata"/>; the file appears whole or not at all.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not the user's to write to.</exception>
    public static void Write(string path, Weights weights, params IReadOnlyCollection<KeyValuePair<string, string>> metadata) =>
        AtomicFile.Write(path, stream => Write(stream, weights, metadata));

    /// <summary>Writes all tensors, and text about them for <see cref="SafetensorsHeader.Metadata"/>.</summary>
    /// <inheritdoc cref="Write(string, Weights, IReadOnlyCollection{KeyValuePair{string, string}})"/>
    public static void Write(Stream stream, Weights weights, params IReadOnlyCollection<KeyValuePair<string, string>> metadata)
    {
        // The widest elements first, as the reference writer has it: then each tensor is aligned to its elements.
        KeyValuePair<string, HostTensor>[] ordered = [.. weights.OrderByDescending(pair => pair.Value.ElementType.Size())];
        ArrayBufferWriter<byte> header = WriteHeader(ordered, metadata);
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)header.WrittenCount);
        stream.Write(prefix);
        stream.Write(header.WrittenSpan);
        foreach ((_, HostTensor tensor) in ordered)
            stream.Write(tensor.Bytes);
    }

    /// <summary>One tensor in rented memory; the caller's to dispose.</summary>
    internal static HostTensor ReadTensor(FileStream stream, SafetensorsEntry entry, string path)
    {
        HostTensor tensor = HostTensor.Rent(entry.ElementType, entry.Shape);
        try
        {
            stream.Position = entry.Offset;
            stream.ReadExactly(tensor.Bytes);
            return tensor;
        }
        catch (IOException exception)
        {
            tensor.Dispose();
            throw new InvalidInputException(path, $"'{entry.Name}' cannot be read: {FileTrouble.Describe(exception)}");
        }
    }

    internal static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InvalidInputException(path, $"cannot be opened: {FileTrouble.Describe(exception)}");
        }
    }

    private static ArrayBufferWriter<byte> WriteHeader(
        IEnumerable<KeyValuePair<string, HostTensor>> tensors, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartObject(SafetensorsHeaderJson.Metadata);
            writer.WriteString("format", "pt");
            foreach ((string key, string text) in metadata)
                writer.WriteString(key, text);
            writer.WriteEndObject();
            long offset = 0;
            foreach ((string name, HostTensor tensor) in tensors)
            {
                writer.WriteStartObject(name);
                writer.WriteString("dtype", SafetensorsHeaderJson.NameOf(tensor.ElementType));
                writer.WriteStartArray("shape");
                foreach (int extent in tensor.Shape.Dimensions)
                    writer.WriteNumberValue(extent);
                writer.WriteEndArray();
                writer.WriteStartArray("data_offsets");
                writer.WriteNumberValue(offset);
                writer.WriteNumberValue(offset += tensor.ByteCount);
                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        // Padded with spaces, so that the tensors begin at a multiple of 8 bytes.
        int padding = -buffer.WrittenCount & 7;
        buffer.GetSpan(padding)[..padding].Fill((byte)' ');
        buffer.Advance(padding);
        return buffer;
    }
}
