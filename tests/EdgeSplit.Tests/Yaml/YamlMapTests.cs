using CsCheck;
using EdgeSplit.Yaml;

namespace EdgeSplit.Tests.Yaml;

public class YamlMapTests
{
    [Fact]
    public void Values_read_as_their_types()
    {
        YamlMap map = YamlFile.Parse("name: 'a b'\ncount: 3\nrate: 1e-3\non: true\nsizes: [1, 2]\ninner: {x: 5000000000}\nnone: ~\n", "f.yaml");
        Assert.Equal("a b", map.RequiredString("name"));
        Assert.Equal(3, map.RequiredInt("count"));
        Assert.Equal(1e-3, map.RequiredDouble("rate"));
        Assert.True(map.RequiredBool("on"));
        Assert.Equal([1, 2], map.RequiredList("sizes")!.Ints());
        Assert.Equal(5_000_000_000, map.RequiredMap("inner")!.RequiredLong("x"));
        Assert.Null(map.OptionalInt("none"));
        Assert.Null(map.OptionalString("absent"));
        map.RejectUnknownKeys();
        map.Faults.ThrowIfAny();
    }

    [Fact]
    public void Every_fault_is_told_at_once_with_its_line_and_the_nearest_key()
    {
        YamlMap map = YamlFile.Parse("count: three\nrat: 0.1\non: yes\ninner:\n  x: '4'\n  y: 11\nempty:\n", "f.yaml");
        map.RequiredInt("count");
        map.RequiredDouble("rate");
        map.RequiredBool("on");
        map.OptionalString("empty");
        YamlMap inner = map.RequiredMap("inner")!;
        inner.RequiredInt("x");
        inner.RequiredInt("y", 1, 10);
        inner.RejectUnknownKeys();
        map.RejectUnknownKeys();
        Assert.Equal(
            [
                "f.yaml:1: count: it is 'three'; give a whole number",
                "f.yaml:1: rate: this key is missing",
                "f.yaml:2: rat: there is no such key; did you mean 'rate'?",
                "f.yaml:3: on: it is 'yes'; give true or false",
                "f.yaml:5: inner.x: it is the quoted text \"4\"; give a whole number",
                "f.yaml:6: inner.y: it is '11'; give a whole number from 1 to 10",
                "f.yaml:7: empty: it is empty; give a text",
            ],
            Assert.Throws<InvalidInputException>(map.Faults.ThrowIfAny).Faults.Select(fault => fault.ToString()));
    }

    [Theory]
    [InlineData("99999999999999999999", "whole number")]
    [InlineData("2147483648", "whole number")]
    [InlineData("1.5", "whole number")]
    [InlineData("1e3", "whole number")]
    [InlineData("[1]", "whole number")]
    public void What_is_no_32_bit_whole_number_is_refused(string text, string expected)
    {
        YamlMap map = YamlFile.Parse($"key: {text}\n", "f.yaml");
        map.RequiredInt("key");
        Assert.Contains(expected, Assert.Throws<InvalidInputException>(map.Faults.ThrowIfAny).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nan")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData(".inf")]
    [InlineData("1e999")]
    public void Numbers_are_finite(string text)
    {
        YamlMap map = YamlFile.Parse($"key: {text}\n", "f.yaml");
        map.RequiredDouble("key");
        Assert.True(map.Faults.Any);
    }

    [Theory]
    [InlineData("a: [1", "not valid YAML")]
    [InlineData("a: 1\na: 2\n", "not valid YAML")]
    [InlineData("- 1\n", "no keys")]
    [InlineData("", "no keys")]
    [InlineData("a: 1\n---\nb: 2\n", "several documents")]
    [InlineData("a: &x [1]\nb: *x\n", "anchors")]
    public void What_is_not_one_plain_map_is_refused(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<InvalidInputException>(() => YamlFile.Parse(text, "f.yaml")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    [InlineData("? ")]
    public void Deep_nesting_is_refused_before_anything_recurses(string opening) =>
        Assert.Throws<InvalidInputException>(() => YamlFile.Parse("a:\n  " + string.Concat(Enumerable.Repeat(opening, 100_000)), "f.yaml"));

    [Fact]
    public void A_file_too_large_is_refused()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            File.WriteAllText(path, new string('#', YamlFile.MaximumBytes + 1));
            Assert.Contains("larger", Assert.Throws<InvalidInputException>(() => YamlFile.Read(path)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_file_that_is_not_there_is_bad_input() =>
        Assert.Throws<InvalidInputException>(() => YamlFile.Read(Path.Combine(Path.GetTempPath(), "no-such-folder", "none.yaml")));

    [Fact]
    public void Any_text_written_reads_back() =>
        Gen.String.Where(text => !text.Any(char.IsSurrogate)).Sample(text =>
        {
            YamlMap map = YamlFile.Parse($"key: {YamlScalar.Write(text)}\n", "f.yaml");
            string? read = map.OptionalString("key");
            map.Faults.ThrowIfAny();
            return read == text;
        });
}
