using System.Buffers.Binary;
using EdgeSplit.Numerics;

namespace EdgeSplit.Data.Files;

/// <summary>
/// One file in the IDX format of MNIST: two zero bytes, an element type, a rank, big-endian extents, then the elements. Only unsigned
/// bytes are read.
/// </summary>
/// <param name="Shape">The extents, the samples' count first.</param>
/// <param name="Elements">Row-major.</param>
internal sealed record IdxFile(Shape Shape, byte[] Elements)
{
    /// <summary>What a header may claim, in bytes, against the number of labels there are.</summary>
    private const double MostUnquestionedBytes = 1 << 26;

    public int Count => Shape[0];

    /// <summary>Null and a fault where it cannot be read; every fault names the file.</summary>
    /// <param name="path">Gzipped or not.</param>
    /// <param name="expectedCount">Samples there must be; null where that is not known.</param>
    /// <param name="images">Whether it must hold images ([n, h, w] or [n, c, h, w]) or labels ([n]).</param>
    /// <param name="faults">Where faults go.</param>
    public static IdxFile? Read(string path, int? expectedCount, bool images, List<Fault> faults) => InputFile.Read(path, faults, file =>
    {
        (Stream content, long mostBytes) = InputFile.Open(file);
        using (content)
            return Read(content, mostBytes, expectedCount, images, (problem, remedy) => faults.Add(new Fault(path, problem, remedy)));
    });

    private static IdxFile? Read(Stream content, long mostBytes, int? expectedCount, bool images, Action<string, string> fault)
    {
        byte[]? magic = InputFile.ReadExactly(content, 4);
        if (magic is null || magic[0] != 0 || magic[1] != 0)
        {
            fault("it is not an IDX file: it does not begin with two zero bytes and a type", "give a file in MNIST's IDX format");
            return null;
        }

        if (magic[2] != 0x08)
        {
            fault($"its elements are {TypeName(magic[2])}, not unsigned bytes (0x08)", "convert it to unsigned bytes");
            return null;
        }

        int rank = magic[3];
        if (images ? rank is not (3 or 4) : rank != 1)
        {
            string wanted = images ? "images have 3 (or 4, with channels)" : "labels have 1";
            fault($"its header says {rank} dimensions, and {wanted}", "check that images and labels are not swapped");
            return null;
        }

        byte[]? header = InputFile.ReadExactly(content, 4 * rank);
        if (header is null)
        {
            fault("it ends in the middle of its header", "get the file again");
            return null;
        }

        double claimed = 1;
        uint[] extents = new uint[rank];
        for (int axis = 0; axis < rank; axis++)
        {
            extents[axis] = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4 * axis));
            claimed *= extents[axis];
        }

        string shape = string.Join('x', extents);
        if (claimed == 0)
        {
            fault($"its header says {shape}: no elements at all", "give a file with samples");
            return null;
        }

        if (claimed > Array.MaxLength || claimed > mostBytes)
        {
            fault($"its header says {shape}, more than the file can hold", "get the file again");
            return null;
        }

        // What is small is read, since the rest of the file may say better what is wrong.
        if (claimed > MostUnquestionedBytes && expectedCount is { } expected && extents[0] != expected)
        {
            fault($"its header claims {extents[0]} images, and there are {expected} labels", "give two files of one set");
            return null;
        }

        if (InputFile.ReadExactly(content, (int)claimed) is not { } elements)
        {
            fault($"it ends before the {(long)claimed} bytes its header ({shape}) promises", "get the file again");
            return null;
        }

        if (content.ReadByte() >= 0)
        {
            fault($"it goes on after the {(long)claimed} bytes its header ({shape}) promises", "get the file again");
            return null;
        }

        return new IdxFile(new Shape([.. extents.Select(extent => (int)extent)]), elements);
    }

    private static string TypeName(byte code) => code switch
    {
        0x09 => "signed bytes (0x09)",
        0x0B => "16-bit integers (0x0B)",
        0x0C => "32-bit integers (0x0C)",
        0x0D => "32-bit floats (0x0D)",
        0x0E => "64-bit floats (0x0E)",
        _ => $"of an unknown type (0x{code:X2})",
    };
}
