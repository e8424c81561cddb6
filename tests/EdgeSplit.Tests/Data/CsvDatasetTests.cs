using EdgeSplit.Data;
using EdgeSplit.Data.Files;
using EdgeSplit.Numerics;

namespace EdgeSplit.Tests.Data;

public sealed class CsvDatasetTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_training_file_defines_columns_and_classes_and_the_test_file_may_order_them_otherwise()
    {
        DataSplit split = SampleFiles.Load(Source(
            "\uFEFFwidth,kind,height\r\n1.5,rose,2\r\n-3e2,\"iris, blue\",0.25\r\n\r\n7,rose,8",
            "kind,height,width\nrose,1,2\n"));

        Assert.Equal(["iris, blue", "rose"], split.Train.ClassNames);
        Assert.Equal([1, 0, 1], split.Train.Labels);
        Assert.Equal(new Shape(2), split.Train.SampleShape);
        Assert.Equal([-300f, 0.25f], SampleFiles.Values(split.Train, 1));
        Assert.Equal([2f, 1f], SampleFiles.Values(split.Test, 0));
        Assert.Equal([1], split.Test.Labels);
    }

    [Fact]
    public void Classes_that_are_numbers_are_sorted_as_numbers() =>
        Assert.Equal(
            ["-1", "2", "10"],
            SampleFiles.Load(Source("x,kind\n1,10\n1,2\n1,-1\n", "x,kind\n1,2\n")).Train.ClassNames);

    [Fact]
    public void Every_fault_of_both_files_is_named_with_its_line_and_column()
    {
        IReadOnlyList<Fault> faults = SampleFiles.Faults(Source(
            "a,b,kind\n1,\"two\nlines\",x\n1,2\n1,NaN,x\n,3,\n",
            "a,c,kind\n1,2,x\n"));

        Assert.Equal(
            ["train.csv:2", "train.csv:4", "train.csv:5", "train.csv:6", "train.csv:6", "test.csv:1", "test.csv:1"],
            faults.Select(fault => Path.GetFileName(fault.Where)));
        Assert.Contains(faults, fault => fault.Problem.Contains("column 'b' is 'two", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.Problem.Contains("2 fields, and the header 3", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.Problem.Contains("column 'b' is 'NaN'", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("a,kind\n", "no rows")]
    [InlineData("kind\nx\n", "no column but the label's")]
    [InlineData("a,sort\n1,x\n", "no label column 'kind'")]
    [InlineData("a,a,kind\n1,2,x\n", "two columns are called 'a'")]
    [InlineData("a,kind\n1,\"x\n", "never closed")]
    [InlineData("a,kind\n1,\"x\"y\n", "follows a closing quote")]
    [InlineData("a,kind\n1,x\"y\"\n", "inside a field")]
    public void What_is_not_such_a_table_is_refused(string train, string problem) =>
        Assert.Contains(
            SampleFiles.Faults(Source(train, "a,kind\n1,x\n")), fault => fault.Problem.Contains(problem, StringComparison.Ordinal));

    [Fact]
    public void A_test_class_the_training_file_lacks_is_a_fault()
    {
        Fault fault = Assert.Single(SampleFiles.Faults(Source("a,kind\n1,x\n", "a,kind\n1,x\n2,y\n")));
        Assert.EndsWith("test.csv:3", fault.Where, StringComparison.Ordinal);
        Assert.Contains("no class 'y'", fault.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_thousand_faults_are_counted_not_listed()
    {
        IReadOnlyList<Fault> faults = SampleFiles.Faults(Source("a,kind\n" + string.Concat(Enumerable.Repeat("?,x\n", 1000)), "a,kind\n1,x\n"));
        Assert.Equal(21, faults.Count);
        Assert.Contains("980 more", faults[^1].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Doubled_quotes_commas_and_line_breaks_are_part_of_a_quoted_field()
    {
        var reader = new CsvReader(new StringReader("a,\"b\"\"c\nd\r\ne,f\",\n\n\"\",g"));
        Assert.True(reader.Read());
        Assert.Equal(["a", "b\"c\nd\r\ne,f", ""], reader.Fields);
        Assert.Equal(1, reader.Line);
        Assert.True(reader.Read());
        Assert.Equal(["", "g"], reader.Fields);
        Assert.Equal(5, reader.Line);
        Assert.False(reader.Read());
    }

    [Fact]
    public void An_endless_field_is_refused_not_swallowed()
    {
        var reader = new CsvReader(new StringReader("\"" + new string('x', 70_000)));
        Assert.Throws<FormatException>(() => reader.Read());
    }

    private DataSource.Csv Source(string train, string test) =>
        new(folder.Write("train.csv", train), folder.Write("test.csv", test), "kind");
}
