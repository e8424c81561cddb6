using System.Buffers.Binary;
using System.Text;
using EdgeSplit.Compute;
using EdgeSplit.Numerics;

namespace EdgeSplit.Tests.Compute;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("edgesplit-test-").FullName;

    [Fact]
    public void What_is_written_reads_back_in_every_type()
    {
        using Weights weights = new();
        foreach (ElementType type in Enum.GetValues<ElementType>())
        {
            HostTensor tensor = HostTensor.Zeros(type, new Shape(3, 2));
            new SeededRandom((ulong)type).Shuffle(tensor.Bytes);
            tensor.Bytes[0] = 1;
            weights.Add($"tensor \"{type}\" é", tensor);
        }

        weights.Add("scalar", HostTensor.From(ElementType.Int64, [42L], default));
        weights.Add("empty", HostTensor.Zeros(ElementType.Float32, new Shape(0, 3)));
        SafetensorsFile.Write(Path("w"), weights);

        using Weights read = SafetensorsFile.Read(Path("w"));
        Assert.Equal(weights.Select(pair => pair.Key).Order(StringComparer.Ordinal), read.Select(pair => pair.Key).Order(StringComparer.Ordinal));
        Assert.All(read, pair =>
        {
            Assert.Equal(weights[pair.Key].ElementType, pair.Value.ElementType);
            Assert.Equal(weights[pair.Key].Shape, pair.Value.Shape);
            Assert.Equal(weights[pair.Key].Bytes.ToArray(), pair.Value.Bytes.ToArray());
        });
        Assert.Equal(["w"], Directory.GetFiles(folder).Select(System.IO.Path.GetFileName));
    }

    [Fact]
    public void Written_tensors_are_aligned_and_the_file_says_it_is_PyTorchs()
    {
        using Weights weights = new();
        weights.Add("byte", HostTensor.Zeros(ElementType.UInt8, new Shape(3)));
        weights.Add("count", HostTensor.Zeros(ElementType.Int64, default));
        weights.Add("float", HostTensor.Zeros(ElementType.Float32, new Shape(1)));
        SafetensorsFile.Write(Path("w"), weights);
        byte[] file = File.ReadAllBytes(Path("w"));
        Assert.Equal(0UL, BinaryPrimitives.ReadUInt64LittleEndian(file) % 8);
        Assert.StartsWith("""{"__metadata__":{"format":"pt"},""", Encoding.UTF8.GetString(file.AsSpan(8)), StringComparison.Ordinal);
        Assert.All(SafetensorsFile.ReadHeader(Path("w")).Entries, entry => Assert.Equal(0, entry.Offset % entry.ElementType.Size()));
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "needs 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 3, "the file has")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 5, "the file has")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "hole")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}""", 6, "overlaps")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 2, "twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "ends before")]
    [InlineData("""{"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}""", 4, "F33")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "whole number")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "whole number")]
    [InlineData("""{"a":{"dtype":"F32","shape":[65536,65536,65536,65536],"data_offsets":[0,0]}}""", 0, "too large")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2147483647,2147483647],"data_offsets":[0,4611686014132420609]}}""", 4, "too large")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}""", 4, "two data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", 4, "two data_offsets")]
    [InlineData("""{"a":3}""", 0, "StartObject")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}""", 4, "cannot be read")]
    [InlineData("""{} {}""", 0, "cannot be read")]
    [InlineData("""[]""", 0, "not a JSON object")]
    [InlineData("", 0, "not a JSON object")]
    [InlineData("""{"\ud800":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""", 0, "cannot be read")]
    public void A_header_that_is_wrong_is_refused_and_the_fault_says_why(string header, int bytes, string why)
    {
        File.WriteAllBytes(Path("bad"), FileOf(Encoding.UTF8.GetBytes(header), bytes));
        InvalidInputException error = Assert.Throws<InvalidInputException>(() => SafetensorsFile.Read(Path("bad")));
        Assert.All(error.Faults, fault => Assert.Equal(Path("bad"), fault.Where));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(100_000_001UL)]
    [InlineData(99_999_999UL)]
    [InlineData(3UL)]
    public void A_header_that_lies_about_its_size_is_refused_before_memory_is_taken(ulong size)
    {
        byte[] file = FileOf("{}"u8, 0);
        BinaryPrimitives.WriteUInt64LittleEndian(file, size);
        File.WriteAllBytes(Path("lie"), file);
        long before = GC.GetAllocatedBytesForCurrentThread();
        InvalidInputException error = Assert.Throws<InvalidInputException>(() => SafetensorsFile.Read(Path("lie")));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1_000_000);
        // A number beyond what any header has is none that a person could use.
        string told = size > 100_000_000 ? "it does not begin as a safetensors file does" : size.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Assert.Contains(told, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_are_not_text_are_refused()
    {
        File.WriteAllBytes(Path("bad"), FileOf([(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'1', (byte)'}'], 0));
        Assert.Contains("UTF-8", Assert.Throws<InvalidInputException>(() => SafetensorsFile.Read(Path("bad"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void A_file_cut_short_is_refused(int length)
    {
        File.WriteAllBytes(Path("short"), new byte[length]);
        Assert.Throws<InvalidInputException>(() => SafetensorsFile.Read(Path("short")));
    }

    [Fact]
    public void A_missing_file_is_the_users_error() =>
        Assert.Equal(Path("none"), Assert.Single(Assert.Throws<InvalidInputException>(() => SafetensorsFile.Read(Path("none"))).Faults).Where);

    [Fact]
    public void Mutated_headers_are_read_or_refused_and_nothing_else()
    {
        byte[] header = Encoding.UTF8.GetBytes(
            """{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"b":{"dtype":"I64","shape":[],"data_offsets":[8,16]}}""");
        byte[] original = FileOf(header, 16);
        byte[] likely = [.. "{}[]\",:0123456789eE+-.\\u"u8];
        SeededRandom random = new(3);
        int read = 0;
        for (int attempt = 0; attempt < 20_000; attempt++)
        {
            byte[] mutant = [.. original];
            for (int change = random.NextInt(3); change >= 0; change--)
                mutant[random.NextInt(header.Length + 8)] = random.NextInt(2) == 0 ? likely[random.NextInt(likely.Length)] : (byte)random.NextInt(256);
            try
            {
                SafetensorsHeader.Read(new MemoryStream(mutant, 0, random.NextInt(8) == 0 ? random.NextInt(mutant.Length) : mutant.Length), "mutant");
                read++;
            }
            catch (InvalidInputException)
            {
            }
        }

        Assert.InRange(read, 1, 19_999);
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_file_and_nothing_beside_it()
    {
        File.WriteAllText(Path("w"), "old");
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(Path("w"), _ => throw new InvalidOperationException()));
        Assert.Equal("old", File.ReadAllText(Path("w")));
        Assert.Single(Directory.GetFiles(folder));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Path(string name) => System.IO.Path.Combine(folder, name);

    private static byte[] FileOf(ReadOnlySpan<byte> header, int bytes)
    {
        byte[] file = new byte[8 + header.Length + bytes];
        BinaryPrimitives.WriteUInt64LittleEndian(file, (ulong)header.Length);
        header.CopyTo(file.AsSpan(8));
        return file;
    }
}
