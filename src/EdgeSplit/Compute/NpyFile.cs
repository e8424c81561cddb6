using System.Buffers.Binary;
using System.Text;
using EdgeSplit.Numerics;

namespace EdgeSplit.Compute;

/// <summary>One array on disk, as NumPy saves it (NEP 1). What <c>predict</c> reads and writes.</summary>
public static class NpyFile
{
    private const int MaximumHeaderBytes = 1 << 16;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>The array as float32; the caller's to dispose.</summary>
    /// <exception cref="InvalidInputException">
    /// It cannot be read, is damaged, in Fortran order, or its elements are not little-endian float32, float64, uint8, int32 or int64.
    /// </exception>
    public static HostTensor Read(string path)
    {
        using FileStream stream = SafetensorsFile.Open(path);
        try
        {
            if (ForeignFile.Of(stream) is { IsArray: false } foreign)
                throw Fault(path, $"this is {foreign.Kind}, and an array in .npy is asked for");
            NpyHeader header = ReadHeader(stream) ?? throw Fault(path, "it is not a NumPy array file, or its header is damaged");
            if (header.FortranOrder)
                throw Fault(path, "its array is in Fortran order", "save numpy.ascontiguousarray(array)");
            ElementType type = TypeOf(header.Descriptor) ?? throw Fault(
                path, $"its elements are '{header.Descriptor}'", "save array.astype('<f4')");
            Shape shape = new(header.Extents);
            UInt128 bytes = header.Extents.Aggregate((UInt128)type.Size(), (product, extent) => product > long.MaxValue ? product : product * (UInt128)extent);
            if (bytes != (UInt128)(stream.Length - stream.Position))
                throw Fault(path, $"an array of shape {shape} has {bytes} bytes, but {stream.Length - stream.Position} follow the header");
            if (shape.ElementCount > Array.MaxLength / sizeof(double))
                throw Fault(path, $"an array of shape {shape} is too large", "split it into several files");
            HostTensor tensor = HostTensor.Rent(type, shape);
            stream.ReadExactly(tensor.Bytes);
            return ElementConversion.ToFloat32(tensor);
        }
        catch (IOException exception)
        {
            throw Fault(path, $"it cannot be read: {FileTrouble.Describe(exception)}");
        }
    }

    /// <summary>Writes a float32 tensor; the file appears whole or not at all.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not the user's to write to.</exception>
    public static void Write(string path, HostTensor tensor)
    {
        if (tensor.ElementType != ElementType.Float32)
            throw new ArgumentException($"Only float32 arrays are written, not {tensor.ElementType}.", nameof(tensor));
        // Version 1.0: the magic, two bytes of version, two of length, and a header that ends at a multiple of 64 bytes.
        const int Prefix = 10;
        string header = NpyHeader.Format("<f4", tensor.Shape);
        int padded = ((Prefix + header.Length + 1 + 63) / 64 * 64) - Prefix;
        byte[] start = new byte[Prefix + padded];
        Magic.CopyTo(start);
        start[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(start.AsSpan(8), (ushort)padded);
        Encoding.ASCII.GetBytes(header.PadRight(padded - 1) + '\n', start.AsSpan(Prefix));
        AtomicFile.Write(path, stream =>
        {
            stream.Write(start);
            stream.Write(tensor.Bytes);
        });
    }

    private static NpyHeader? ReadHeader(FileStream stream)
    {
        Span<byte> prefix = stackalloc byte[12];
        if (stream.Length < prefix.Length)
            return null;
        stream.ReadExactly(prefix[..8]);
        int version = prefix[6];
        if (!prefix[..6].SequenceEqual(Magic) || version is < 1 or > 3)
            return null;
        int lengthBytes = version == 1 ? 2 : 4;
        stream.ReadExactly(prefix[8..(8 + lengthBytes)]);
        long length = version == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(prefix[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(prefix[8..]);
        if (length > MaximumHeaderBytes || length > stream.Length - stream.Position)
            return null;
        byte[] header = new byte[length];
        stream.ReadExactly(header);
        return NpyHeader.Parse(Encoding.UTF8.GetString(header));
    }

    private static ElementType? TypeOf(string descriptor) => descriptor switch
    {
        "<f4" => ElementType.Float32,
        "<f8" => ElementType.Float64,
        "|u1" => ElementType.UInt8,
        "<i4" => ElementType.Int32,
        "<i8" => ElementType.Int64,
        _ => null,
    };

    private static InvalidInputException Fault(string path, string problem, string remedy = "write it with numpy.save") =>
        new(path, problem, remedy);
}
