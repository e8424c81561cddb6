using System.Text;
using EdgeSplit.Planning;
using EdgeSplit.Planning.Policies;

namespace EdgeSplit.Tests.Planning;

public class ProblemReaderTests
{
    private const string Good = """{"resources":[{"name":"b","capacity":2}],"devices":[{"name":"x","cuts":[{"cut":1,"fixedSeconds":1,"demand":{"b":4}}]}]}""";

    [Fact]
    public void Devices_may_come_before_resources_and_unknown_keys_are_passed_over()
    {
        const string Json = """{"note":[{"a":[1,{}]}],"devices":[{"name":"x","cuts":[{"cut":1,"fixedSeconds":1,"demand":{"b":4}}]}],"resources":[{"name":"b","capacity":2}]}""";
        Assert.Equal(3, Planner.Decide(Read(Json), new OptimalPolicy()).RoundSeconds, 12);
        Assert.Equal(3, Planner.Decide(Read(Good), new EdgeSplitPolicy()).RoundSeconds, 12);
    }

    [Theory]
    [InlineData("\"capacity\":2", "\"capacity\":0", "resources[0].capacity")]
    [InlineData("\"capacity\":2", "\"capacity\":-1", "resources[0].capacity")]
    [InlineData("\"capacity\":2", "\"capacity\":1e999", "resources[0].capacity")]
    [InlineData("\"capacity\":2", "\"capacity\":\"2\"", "resources[0].capacity")]
    [InlineData("\"capacity\":2", "\"capacity\":2,\"sharing\":\"fair\"", "resources[0].sharing")]
    [InlineData("\"fixedSeconds\":1", "\"fixedSeconds\":-1", "devices[0].cuts[0].fixedSeconds")]
    [InlineData("\"fixedSeconds\":1", "\"fixedSecond\":1", "devices[0].cuts[0].fixedSecond")]
    [InlineData("\"b\":4", "\"b\":-4", "devices[0].cuts[0].demand.b")]
    [InlineData("\"b\":4", "\"b\":1e999", "devices[0].cuts[0].demand.b")]
    [InlineData("\"b\":4", "\"c\":4", "devices[0].cuts[0].demand.c")]
    [InlineData("\"cut\":1", "\"cut\":1.5", "devices[0].cuts[0].cut")]
    [InlineData("\"name\":\"x\"", "\"name\":\"x\",\"memoryBytes\":-1", "devices[0].memoryBytes")]
    [InlineData("\"name\":\"x\"", "\"name\":\"x\",\"caps\":{\"d\":1}", "devices[0].caps.d")]
    [InlineData("\"name\":\"x\"", "\"nam\":\"x\"", "devices[0].nam")]
    [InlineData("\"cut\":1", "\"cut\":-1", "devices[0].cuts[0].cut")]
    [InlineData("\"fixedSeconds\":1", "\"fixedSeconds\":1e999", "devices[0].cuts[0].fixedSeconds")]
    [InlineData("\"fixedSeconds\":1", "\"fixedSeconds\":1,\"memoryBytes\":-2", "devices[0].cuts[0].memoryBytes")]
    [InlineData("\"name\":\"x\"", "\"name\":\"x\",\"caps\":{\"b\":-1}", "devices[0].caps.b")]
    [InlineData("\"name\":\"x\"", "\"name\":\"x\",\"caps\":{\"b\":1e999}", "devices[0].caps.b")]
    [InlineData("\"name\":\"x\"", "\"name\":\"x\",\"memoryBytes\":1e999", "devices[0].memoryBytes")]
    [InlineData("\"name\":\"b\"", "\"name\":\"b\",\"name\":\"c\"", "resources[0].name")]
    [InlineData("\"capacity\":2", "\"capacity\":2,\"capacity\":2", "resources[0].capacity")]
    [InlineData("\"capacity\":2", "\"capacity\":2,\"sharing\":\"reserved\",\"sharing\":\"reserved\"", "resources[0].sharing")]
    [InlineData("\"name\":\"x\"", "\"name\":\"x\",\"n\\u0061me\":\"y\"", "devices[0].name")]
    [InlineData("\"name\":\"x\"", "\"name\":\"x\",\"cuts\":[]", "devices[0].cuts")]
    [InlineData("\"name\":\"x\"", "\"name\":\"x\",\"caps\":{},\"caps\":{}", "devices[0].caps")]
    [InlineData("\"name\":\"x\"", "\"name\":\"x\",\"caps\":{\"b\":1,\"b\":2}", "devices[0].caps.b")]
    [InlineData("\"cut\":1", "\"cut\":1,\"cut\":2", "devices[0].cuts[0].cut")]
    [InlineData("\"fixedSeconds\":1", "\"fixedSeconds\":1,\"fixedSeconds\":1", "devices[0].cuts[0].fixedSeconds")]
    [InlineData("\"fixedSeconds\":1", "\"fixedSeconds\":1,\"demand\":{}", "devices[0].cuts[0].demand")]
    [InlineData("\"b\":4", "\"b\":4,\"b\":4", "devices[0].cuts[0].demand.b")]
    [InlineData("{\"resources\"", "{\"devices\":[],\"resources\"", "devices")]
    [InlineData("{\"resources\"", "{\"resources\":[],\"resources\"", "resources")]
    [InlineData("{\"resources\"", "{\"resources\":{},\"resources\"", "resources")]
    [InlineData("\"capacity\":2", "\"capacity\":NaN", "problem.json")]
    [InlineData("\"capacity\":2", "\"capacity\":Infinity", "problem.json")]
    [InlineData("}]}]}", "}]}]}{}", "problem.json")]
    [InlineData("\"name\":\"x\"", "\"name\":\"x\",\"note\":[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]", "problem.json")]
    [InlineData("}]}]}", "}]}]", "problem.json")]
    [InlineData("}]}]}", "}]}]} x", "problem.json")]
    public void What_is_wrong_is_named_by_its_path(string right, string wrong, string where) =>
        Assert.Contains(FaultsOf(Good.Replace(right, wrong, StringComparison.Ordinal)), fault => fault.Where.StartsWith(where, StringComparison.Ordinal));

    [Fact]
    public void A_key_that_is_there_twice_is_one_fault()
    {
        const string Cuts = "[{\"cut\":1,\"fixedSeconds\":1}]";
        Assert.Equal(["devices"], FaultsOf($$$"""{"devices":[{"name":"x","cuts":{{{Cuts}}}}],"resources":[],"devices":[{"name":"y","cuts":{{{Cuts}}}}]}""").Select(fault => fault.Where));
        Assert.Equal(["device"], FaultsOf($$$"""{"device":1,"devices":[{"name":"x","cuts":{{{Cuts}}}}],"resources":[]}""").Select(fault => fault.Where));
    }

    [Fact]
    public void A_file_cut_off_at_any_byte_is_refused()
    {
        byte[] whole = Encoding.UTF8.GetBytes(Good);
        for (int length = 0; length < whole.Length; length++)
        {
            using MemoryStream stream = new(whole, 0, length);
            Assert.Throws<InvalidInputException>(() => ProblemReader.Read(stream, "problem.json"));
        }
    }

    [Fact]
    public void A_byte_order_mark_is_passed_over()
    {
        using MemoryStream stream = new([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Good)]);
        Assert.Equal(1, ProblemReader.Read(stream, "problem.json").DeviceCount);
        using MemoryStream nothing = new([0xEF, 0xBB, 0xBF]);
        Assert.Throws<InvalidInputException>(() => ProblemReader.Read(nothing, "problem.json"));
        using MemoryStream half = new([0xEF, 0xBB]);
        Assert.Throws<InvalidInputException>(() => ProblemReader.Read(half, "problem.json"));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("name")]
    [InlineData("b\":4")]
    public void A_string_that_is_not_utf8_is_refused(string place)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(Good);
        bytes[Good.IndexOf(place, StringComparison.Ordinal)] = 0xFF;
        using MemoryStream stream = new(bytes);
        Assert.Throws<InvalidInputException>(() => ProblemReader.Read(stream, "problem.json"));
    }

    [Theory]
    [InlineData("{\"resources\":[", "resources[")]
    [InlineData("{\"resources\":[],\"devices\":[", "devices[")]
    [InlineData("{\"resources\":[],\"devices\":[{\"name\":\"x\",\"cuts\":[", "devices[0].cuts[")]
    public void Of_many_faults_the_first_hundred_are_told_and_the_rest_counted(string opening, string path)
    {
        IReadOnlyList<Fault> faults = FaultsOf(opening + string.Join(',', Enumerable.Repeat("1", 100_000)));
        Assert.All(faults.Take(100), fault => Assert.StartsWith(path, fault.Where, StringComparison.Ordinal));
        Assert.Equal("...", Assert.Single(faults.Skip(100)).Where);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"resources":[]}""")]
    [InlineData("""{"resources":[],"devices":[]}""")]
    [InlineData("""{"resources":[],"devices":{}}""")]
    [InlineData("""{"resources":{},"devices":[]}""")]
    [InlineData("""{"resources":[],"devices":[{"name":"x","cuts":[]}]}""")]
    [InlineData("""{"resources":[],"devices":[1]}""")]
    public void What_is_no_problem_is_refused(string json) => Assert.NotEmpty(FaultsOf(json));

    [Fact]
    public void Every_fault_is_told_at_once()
    {
        IReadOnlyList<Fault> faults = FaultsOf(
            """{"resources":[{"name":"b","capacity":0}],"devices":[{"name":"x","cuts":[{"cut":1,"fixedSeconds":-1}]},{"name":"x","cuts":[]}]}""");
        Assert.Equal(["resources[0].capacity", "devices[0].cuts[0].fixedSeconds", "devices[1].name", "devices[1].cuts"], faults.Select(fault => fault.Where));
    }

    [Theory]
    [InlineData('[')]
    [InlineData('{')]
    [InlineData('"')]
    [InlineData(' ')]
    [InlineData('1')]
    [InlineData(',')]
    public void A_hundred_megabytes_of_one_character_are_refused_in_little_memory(char character)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        using Endless stream = new((byte)character, 100_000_000);
        Assert.Throws<InvalidInputException>(() => ProblemReader.Read(stream, "problem.json"));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8_000_000);
    }

    private static IReadOnlyList<Fault> FaultsOf(string json) => Assert.Throws<InvalidInputException>(() => Read(json)).Faults;

    private static Problem Read(string json)
    {
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(json));
        return ProblemReader.Read(stream, "problem.json");
    }

    /// <summary>One byte, so many times.</summary>
    private sealed class Endless(byte value, long length) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int read = (int)Math.Min(count, length - Position);
            buffer.AsSpan(offset, read).Fill(value);
            Position += read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
