using System.Buffers.Binary;

namespace EdgeSplit;

/// <summary>A file of a kind that is not read where it was given, known by its first bytes.</summary>
/// <param name="Kind">What it is, with its article: <c>an ONNX model</c>.</param>
/// <param name="Remedy">What to make of it.</param>
public sealed record ForeignFile(string Kind, string Remedy)
{
    /// <summary>A NumPy array, which some commands take.</summary>
    public bool IsArray { get; private init; }

    /// <summary>A safetensors file, which weights are read from.</summary>
    public bool IsSafetensors { get; private init; }

    /// <summary>So many first bytes tell.</summary>
    public const int PrefixBytes = 64;

    private const string SaveAsSafetensors = "load it in PyTorch and write its state with safetensors.torch.save_file(model.state_dict(), 'weights.safetensors')";
    private const string WriteBlocks = "write the network as a YAML file of blocks (examples/models/README.md), or name one that 'edgesplit models' lists";

    /// <summary>What begins so; null for what is not known.</summary>
    public static ForeignFile? Of(ReadOnlySpan<byte> first)
    {
        if (first.StartsWith("PK\x03\x04"u8))
        {
            return first.IndexOf(".npy"u8) >= 0
                ? new ForeignFile("a NumPy archive (.npz, a zip file)", "write one array with numpy.save, or tensors with safetensors.numpy.save_file")
                : new ForeignFile("a zip file, as PyTorch writes .pt and .pth", SaveAsSafetensors);
        }

        if (IsNpy(first))
            return new ForeignFile("a NumPy array (.npy)", "give the file that is asked for; arrays are what 'edgesplit predict --input' takes") { IsArray = true };
        if (first is [0x1F, 0x8B, ..])
            return new ForeignFile("a gzip file", "unpack it first");
        if (first is [0x80, >= 2 and <= 5, ..])
            return new ForeignFile("a Python pickle, as older PyTorch writes .pt and .pth", SaveAsSafetensors);
        if (first is [0x89, (byte)'H', (byte)'D', (byte)'F', ..])
            return new ForeignFile("an HDF5 file, as Keras writes them", "write its tensors with safetensors");
        if (first.StartsWith("GGUF"u8))
            return new ForeignFile("a GGUF file", "write float32 tensors with safetensors");
        if (BeginsAsSafetensors(first))
            return new ForeignFile("a safetensors file: weights", "give it where weights are asked for") { IsSafetensors = true };
        return IsOnnx(first) ? new ForeignFile("an ONNX model", WriteBlocks) : null;
    }

    /// <summary>As <see cref="Of(ReadOnlySpan{byte})"/>, of a file from where it stands; it is put back there.</summary>
    public static ForeignFile? Of(Stream file)
    {
        Span<byte> first = stackalloc byte[PrefixBytes];
        long position = file.Position;
        int length = file.ReadAtLeast(first, PrefixBytes, throwOnEndOfStream: false);
        file.Position = position;
        return Of(first[..length]);
    }

    private static bool IsNpy(ReadOnlySpan<byte> first) => first is [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', ..];

    private static bool BeginsAsSafetensors(ReadOnlySpan<byte> first) =>
        first.Length > sizeof(ulong) && first[sizeof(ulong)] == (byte)'{' && BinaryPrimitives.ReadUInt64LittleEndian(first) is > 1 and < (1 << 28);

    /// <summary>A protobuf message that begins with a small version (field 1) and then a text (field 2) or an import (field 8): ONNX has no magic.</summary>
    private static bool IsOnnx(ReadOnlySpan<byte> first) => first is [0x08, >= 1 and <= 32, 0x12 or 0x1A or 0x22 or 0x3A or 0x42, ..];
}
