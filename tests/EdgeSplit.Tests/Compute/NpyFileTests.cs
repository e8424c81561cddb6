using System.Text;
using EdgeSplit.Compute;
using EdgeSplit.Numerics;

namespace EdgeSplit.Tests.Compute;

public sealed class NpyFileTests : IDisposable
{
    private const string Float = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
    private readonly string path = Path.GetTempFileName();

    [Theory]
    [InlineData(new int[0])]
    [InlineData(new[] { 4 })]
    [InlineData(new[] { 2, 3, 1, 2 })]
    [InlineData(new[] { 0, 3 })]
    public void What_is_written_reads_back_and_is_aligned(int[] extents)
    {
        Shape shape = new(extents);
        HostTensor tensor = HostTensor.From([.. Enumerable.Range(0, (int)shape.ElementCount).Select(value => value / 7f)], shape);
        NpyFile.Write(path, tensor);
        using HostTensor read = NpyFile.Read(path);
        Assert.Equal(shape, read.Shape);
        Assert.Equal(tensor.Bytes.ToArray(), read.Bytes.ToArray());
        Assert.Equal(0, (new FileInfo(path).Length - tensor.ByteCount) % 64);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_version_and_type_reads_as_float32(int version)
    {
        Read("<f4", [1f, -2.5f], version, [1f, -2.5f]);
        Read("<f8", [1d, -2.5d], version, [1f, -2.5f]);
        Read<byte>("|u1", [0, 255], version, [0f, 255f]);
        Read("<i4", [-7, 70000], version, [-7f, 70000f]);
        Read("<i8", [-7L, 1L << 40], version, [-7f, 1L << 40]);
    }

    [Theory]
    [InlineData(">f4", "'>f4'")]
    [InlineData("<c8", "'<c8'")]
    [InlineData("|O", "'|O'")]
    public void Other_types_are_refused_with_a_remedy(string descriptor, string named)
    {
        Write(1, Float.Replace("<f4", descriptor, StringComparison.Ordinal), new byte[24]);
        Fault fault = Assert.Single(Assert.Throws<InvalidInputException>(() => NpyFile.Read(path)).Faults);
        Assert.Contains(named, fault.Problem, StringComparison.Ordinal);
        Assert.Contains("astype", fault.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Fortran_order_is_refused_with_a_remedy()
    {
        Write(1, Float.Replace("False", "True", StringComparison.Ordinal), new byte[24]);
        Assert.Contains("ascontiguousarray", Assert.Throws<InvalidInputException>(() => NpyFile.Read(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Float, 23)]
    [InlineData(Float, 25)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647, 2147483647, 2147483647), }", 24)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3), }", 24)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, ), }", 24)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, }", 24)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'descr': '<f8', }", 24)]
    [InlineData("__import__('os')", 24)]
    [InlineData("", 24)]
    public void A_damaged_file_is_refused(string header, int bytes)
    {
        Write(1, header, new byte[bytes]);
        Assert.Throws<InvalidInputException>(() => NpyFile.Read(path));
    }

    [Fact]
    public void Mutated_files_are_read_or_refused_and_nothing_else()
    {
        Write(1, Float, new byte[24]);
        byte[] original = File.ReadAllBytes(path);
        SeededRandom random = new(3);
        for (int attempt = 0; attempt < 2_000; attempt++)
        {
            byte[] mutant = [.. original];
            for (int change = random.NextInt(3); change >= 0; change--)
                mutant[random.NextInt(mutant.Length)] = (byte)random.NextInt(256);
            File.WriteAllBytes(path, attempt % 5 == 0 ? mutant[..random.NextInt(mutant.Length)] : mutant);
            try
            {
                NpyFile.Read(path).Dispose();
            }
            catch (InvalidInputException)
            {
            }
        }
    }

    public void Dispose() => File.Delete(path);

    private void Read<T>(string descriptor, T[] values, int version, float[] expected)
        where T : unmanaged
    {
        Write(version, $"{{\"descr\": \"{descriptor}\", 'fortran_order': False, 'shape': (2L,)}}", System.Runtime.InteropServices.MemoryMarshal.AsBytes<T>(values).ToArray());
        using HostTensor read = NpyFile.Read(path);
        Assert.Equal(new Shape(2), read.Shape);
        Assert.Equal(expected, read.As<float>().ToArray());
    }

    private void Write(int version, string header, byte[] data)
    {
        byte[] text = Encoding.ASCII.GetBytes(header);
        byte[] length = version == 1 ? BitConverter.GetBytes((ushort)text.Length) : BitConverter.GetBytes(text.Length);
        File.WriteAllBytes(path, [0x93, .. "NUMPY"u8, (byte)version, 0, .. length, .. text, .. data]);
    }
}
