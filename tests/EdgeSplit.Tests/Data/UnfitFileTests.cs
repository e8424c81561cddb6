using EdgeSplit.Data;
using EdgeSplit.Numerics;

namespace EdgeSplit.Tests.Data;

/// <summary>Files that are not what they are given as, or hold what nobody means to train on.</summary>
public sealed class UnfitFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(new byte[] { 0x50, 0x4B, 3, 4, 20, 0 }, "a zip archive (as .npz, .xlsx and PyTorch files are)")]
    [InlineData(new byte[] { 0x1F, 0x8B, 8, 0 }, "gzip data")]
    [InlineData(new byte[] { 0x89, 0x50, 0x4E, 0x47, 13, 10 }, "a PNG image")]
    [InlineData(new byte[] { 0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0 }, "a NumPy array")]
    [InlineData(new byte[] { 0x50, 0x41, 0x52, 0x31, 21 }, "a Parquet file")]
    [InlineData(new byte[] { 0x61, 0x2C, 0x62, 0x0A, 0x00 }, "binary data")]
    public void What_is_not_text_is_called_what_it_is_and_nothing_of_it_is_printed(byte[] content, string what)
    {
        string path = folder.Write("d.csv", content);
        Fault fault = Assert.Single(Faults(new DataSource.Csv(path, null, "y")));
        Assert.Equal($"it is {what}, not text", fault.Problem);
        Assert.DoesNotContain(fault.ToString(), char.IsControl);
    }

    [Fact]
    public void Text_of_another_encoding_with_its_mark_is_read() => Assert.Equal(
        ["ä"], Load(new DataSource.Csv(folder.Write("d.csv", [.. System.Text.Encoding.Unicode.Preamble, .. System.Text.Encoding.Unicode.GetBytes("a,y\n1,ä\n")]), null, "y")).Train.ClassNames);

    [Fact]
    public void A_column_of_ids_is_refused_before_it_is_read_to_its_end()
    {
        using StringWriter text = new();
        text.Write("a,id\n");
        for (int row = 0; row <= DataContract.MostClasses + 5; row++)
            text.Write($"{row},c{row}\n");
        text.Write("what follows is not looked at");
        Fault fault = Assert.Single(Faults(new DataSource.Csv(folder.Write("d.csv", text.ToString()), null, "id")));
        Assert.EndsWith($"d.csv:{DataContract.MostClasses + 2}", fault.Where, StringComparison.Ordinal);
        Assert.Contains("label column 'id' has more than 100000 different values", fault.Problem, StringComparison.Ordinal);
        Assert.Contains("id or a number", fault.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_million_faults_cost_no_more_than_the_first()
    {
        string path = folder.Write("d.csv", "a,y\n" + string.Concat(Enumerable.Repeat("?\n", 300_000)));
        long before = GC.GetAllocatedBytesForCurrentThread();
        IReadOnlyList<Fault> faults = Faults(new DataSource.Csv(path, null, "y"));
        Assert.Equal((21, "299980 more faults like these"), (faults.Count, faults[^1].Problem));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100L << 20);
    }

    [Fact]
    public void A_quantity_is_no_class_unless_the_experiment_lists_it()
    {
        string path = folder.Write("d.csv", "a,price\n1,3.5\n2,7\n3,9.25\n");
        Fault fault = Assert.Single(Faults(new DataSource.Csv(path, null, "price")));
        Assert.Contains("'price' holds numbers with fractions, as 3.5, 3 different ones: a quantity, not classes", fault.Problem, StringComparison.Ordinal);
        Assert.Contains("data.classes", fault.Remedy, StringComparison.Ordinal);
        Assert.Equal([1, 0, 2], Load(new DataSource.Csv(path, null, "price"), new ContractSpec { Classes = ["7", "3.5", "9.25"] }).Train.Labels);
    }

    [Fact]
    public void Labels_of_one_class_and_of_almost_as_many_as_samples_and_a_test_file_that_is_the_training_file_are_told_of()
    {
        string constant = folder.Write("constant.csv", "a,y\n1,x\n2,x\n"), copy = folder.Write("copy.csv", "a,y\n1,x\n2,x\n");
        string ids = folder.Write("ids.csv", "a,y\n" + string.Concat(Enumerable.Range(0, 30).Select(row => $"1,r{row}\n")));
        Assert.Contains("every training sample is of the class 'x'", Assert.Single(Load(new DataSource.Csv(constant, null, "y")).Warnings), StringComparison.Ordinal);
        Assert.Contains("30 training samples have 30 classes", Assert.Single(Load(new DataSource.Csv(ids, null, "y")).Warnings), StringComparison.Ordinal);
        Assert.Contains("same content as the training file", Load(new DataSource.Csv(constant, copy, "y")).Warnings[^1], StringComparison.Ordinal);
        string images = folder.Write("x", SampleFiles.Images(2)), labels = folder.Write("y", SampleFiles.Labels(0, 1));
        Assert.Contains("same content", Assert.Single(Load(new DataSource.Idx(images, labels, images, labels)).Warnings), StringComparison.Ordinal);
        Assert.Empty(Load(new DataSource.Idx(images, labels, null, null)).Warnings);
    }

    [Fact]
    public void The_experiment_may_give_what_files_would_and_then_they_have_to_be_so()
    {
        ContractSpec spec = new() { Features = ["b", "a"], Classes = ["y", "x"], Normalize = NormalizeKind.Given, Given = new Normalization([1, 2], [3, 4]) };
        DataSplit none = Load(new DataSource.Csv(null, null, "k"), spec);
        Assert.Equal((0, 0), (none.Train.Count, none.Test.Count));
        DataSplit some = Load(new DataSource.Csv(folder.Write("d.csv", "a,k,b\n1,x,2\n"), null, "k"), spec);
        Assert.Equal(none.Contract, some.Contract);
        Assert.Equal([2f, 1f], SampleFiles.Values(some.Train, 0));
        Assert.Equal([1], some.Train.Labels);
        Assert.Contains(Faults(new DataSource.Csv(folder.Write("e.csv", "a,k,b\n1,z,2\n"), null, "k"), spec), fault => fault.Problem == "data.classes has no class 'z'");
        Assert.Contains(Faults(new DataSource.Csv(folder.Write("f.csv", "a,k,c\n1,x,2\n"), null, "k"), spec), fault => fault.Problem == "data.features has no column 'c'");
        Assert.Contains(Faults(new DataSource.Csv(null, null, "k")), fault => fault.Where == "data.train" && fault.Problem.Contains("data.features", StringComparison.Ordinal));
        Assert.Contains(
            Faults(new DataSource.Csv(null, null, "k"), spec with { Normalize = NormalizeKind.Standard }), fault => fault.Remedy!.Contains("normalize: none", StringComparison.Ordinal));
        DataContract images = Load(new DataSource.Idx(null, null, null, null), new ContractSpec { Shape = new Shape(1, 2, 3), Classes = ["0", "1"], ClassesAreNumbers = true, Normalize = NormalizeKind.None }).Contract;
        Assert.Equal((new Shape(1, 2, 3), 2, 255f, null), (images.SampleShape, images.Classes, images.Divisor, images.Normalization));
    }

    private static DataSplit Load(DataSource source, ContractSpec? spec = null) => new DatasetCatalog(new DatasetLocations([], Path.GetTempPath()))
        .LoadAsync(new DataSpec(source, null, null, new AugmentationSpec()) { Contract = spec ?? new ContractSpec() }, seed: 1).GetAwaiter().GetResult();

    private static IReadOnlyList<Fault> Faults(DataSource source, ContractSpec? spec = null) =>
        Assert.Throws<InvalidInputException>(() => Load(source, spec)).Faults;
}
