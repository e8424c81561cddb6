using EdgeSplit.Data;
using EdgeSplit.Numerics;
using EdgeSplit.Wire;

namespace EdgeSplit.Tests.Data;

public class DataContractTests
{
    private static readonly DataContract Iris = new()
    {
        SampleShape = new Shape(2),
        ClassNames = ["setosa", "versicolor \"x\""],
        FeatureNames = ["width", "höhe"],
        Normalization = new Normalization([0.1f, -3e-20f], [1 / 3f, 7]),
    };

    [Fact]
    public void A_text_reads_back_as_the_same_contract_and_equal_contracts_have_equal_texts()
    {
        DataContract[] contracts =
        [
            Iris,
            Iris.OfTokens(),
            Iris with { Normalization = null },
            new() { SampleShape = new Shape(3, 32, 32), ClassNames = ["a"], Divisor = 255, Normalization = new Normalization([0.5f], [float.Epsilon]) },
        ];
        foreach (DataContract contract in contracts)
        {
            DataContract again = DataContractText.Parse(contract.ToString());
            Assert.Equal(contract, again);
            Assert.Equal(contract.ToString(), again.ToString());
            Assert.Single(contracts, other => other.Equals(again));
        }
    }

    [Fact]
    public void The_text_is_what_the_documentation_says() => Assert.Equal(
        """{"version":1,"shape":[2],"element":"float","divisor":1,"features":["width","höhe"],"mean":[0.1,-3E-20],"deviation":[0.33333334,7],"classes":["setosa","versicolor \"x\""]}""",
        Iris.ToString());

    [Theory]
    [InlineData("", "no JSON")]
    [InlineData("[]", "no JSON object")]
    [InlineData("{}", "version")]
    [InlineData("""{"version":2,"shape":[2],"element":"float","divisor":1,"classes":["a"]}""", "version")]
    [InlineData("""{"version":1,"shape":[],"element":"float","divisor":1,"classes":["a"]}""", "no shape")]
    [InlineData("""{"version":1,"shape":[0],"element":"float","divisor":1,"classes":["a"]}""", "extent")]
    [InlineData("""{"version":1,"shape":[2000000,2000000],"element":"float","divisor":1,"classes":["a"]}""", "beyond all measure")]
    [InlineData("""{"version":1,"shape":[2],"element":"word","divisor":1,"classes":["a"]}""", "neither float nor token")]
    [InlineData("""{"version":1,"shape":[2],"element":"float","divisor":0,"classes":["a"]}""", "divisor")]
    [InlineData("""{"version":1,"shape":[2],"element":"float","divisor":1e60,"classes":["a"]}""", "divisor")]
    [InlineData("""{"version":1,"shape":[2],"element":"float","divisor":1}""", "no classes")]
    [InlineData("""{"version":1,"shape":[2],"element":"float","divisor":1,"classes":[]}""", "no classes")]
    [InlineData("""{"version":1,"shape":[2],"element":"float","divisor":1,"classes":["a","a"]}""", "two of its classes")]
    [InlineData("""{"version":1,"shape":[2],"element":"float","divisor":1,"classes":[7]}""", "no name")]
    [InlineData("""{"version":1,"shape":[2],"element":"float","divisor":1,"features":["x"],"classes":["a"]}""", "names 1 columns")]
    [InlineData("""{"version":1,"shape":[2],"element":"float","divisor":1,"mean":[1],"classes":["a"]}""", "only one of mean and deviation")]
    [InlineData("""{"version":1,"shape":[2],"element":"float","divisor":1,"mean":[1,2,3],"deviation":[1,2,3],"classes":["a"]}""", "does not fit")]
    [InlineData("""{"version":1,"shape":[2],"element":"float","divisor":1,"mean":[1],"deviation":[0],"classes":["a"]}""", "none to divide by")]
    [InlineData("""{"version":1,"shape":[2],"element":"token","divisor":1,"mean":[1],"deviation":[1],"classes":["a"]}""", "normalises tokens")]
    public void What_is_no_contract_is_refused_in_words(string text, string problem) =>
        Assert.Contains(problem, Assert.Throws<FormatException>(() => DataContractText.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_wire_carries_what_a_contract_may_be() => Assert.Equal(
        (DataContract.LargestBytes, DataContract.LongestName, DataDigest.Bytes), (Handshake.LargestContractBytes, Handshake.LongestName, Handshake.DigestBytes));

    [Fact]
    public void Samples_are_bound_by_the_names_of_columns_and_classes()
    {
        TableDataset own = new([1, 2, 3, 4], ["höhe", "width"], [0, 1], ["versicolor \"x\"", "setosa"]);
        Dataset bound = DataBinding.Bind(Iris, own);
        Assert.Equal([1, 0], bound.Labels);
        Assert.Equal([2f, 1f], SampleFiles.Values(bound, 0));
        Assert.Equal([4f, 3f], SampleFiles.Values(bound, 1));
        Assert.Equal((Iris.ClassNames, Iris.FeatureNames), (bound.ClassNames, bound.FeatureNames));
        TableDataset same = new([1, 2], ["width", "höhe"], [1], ["setosa", "versicolor \"x\""]);
        Assert.Same(same, DataBinding.Bind(Iris, same));
    }

    [Fact]
    public void A_class_that_is_lacking_is_fine_and_one_that_no_sample_has_too()
    {
        TableDataset own = new([1, 2, 3, 4], ["width", "höhe"], [1, 0], ["weed", "setosa"]);
        Assert.Equal(0, DataBinding.Bind(Iris, own, [0]).Labels[0]);
        Fault fault = Assert.Single(Assert.Throws<InvalidInputException>(() => DataBinding.Bind(Iris, own)).Faults);
        Assert.Equal(("data, sample 1", "it has a class 'weed', which is unknown to this run"), (fault.Where, fault.Problem));
        Assert.Contains("'setosa'", fault.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_that_does_not_fit_is_told_at_once()
    {
        TableDataset own = new([1, 2, 3], ["width", "stem", "leaf"], [0], ["weed"]) { Path = "garden.csv", Lines = [7] };
        IReadOnlyList<Fault> faults = Assert.Throws<InvalidInputException>(() => DataBinding.Bind(Iris, own)).Faults;
        Assert.Equal(
            ["garden.csv: it lacks the column 'höhe' of this run", "garden.csv: its columns 'stem', 'leaf' are unknown to this run", "garden.csv:7: it has a class 'weed', which is unknown to this run"],
            faults.Select(fault => (fault with { Remedy = null }).ToString()));
    }

    [Fact]
    public void Labels_that_are_numbers_bind_by_number_and_pixels_only_to_pixels()
    {
        DataContract contract = new() { SampleShape = new Shape(1, 1, 2), ClassNames = ["cat", "dog", "eel"], Divisor = 255 };
        ImageDataset own = new([1, 2, 3, 4], new Shape(1, 1, 2), [2, 0], ["0", "1", "2"]) { HasNumbersOnly = true };
        Assert.Equal([2, 0], DataBinding.Bind(contract, own).Labels);
        Assert.Equal(["cat", "dog", "eel"], DataBinding.Bind(contract, own).ClassNames);
        Fault fault = Assert.Single(Assert.Throws<InvalidInputException>(
            () => DataBinding.Bind(contract, new ImageDataset([1, 2], new Shape(1, 1, 2), [3], ["0", "1", "2", "3"]) { HasNumbersOnly = true })).Faults);
        Assert.Equal("it has label 3, and this run knows 3 classes, 0 to 2", fault.Problem);
        Assert.Throws<InvalidInputException>(() => DataBinding.Bind(contract with { Divisor = 1 }, own));
        Assert.Throws<InvalidInputException>(() => DataBinding.Bind(contract with { SampleShape = new Shape(1, 2, 1) }, own));
    }

    [Fact]
    public void A_digest_knows_the_same_samples_again_whatever_their_columns_order_and_no_others()
    {
        byte[] digest = DataDigest.Of(new TableDataset([1, 2, 3, 4], ["a", "b"], [0, 1], ["x", "y"]), [0, 1]);
        Assert.Equal(DataDigest.Bytes, digest.Length);
        Assert.Equal(digest, DataDigest.Of(new TableDataset([2, 1, 4, 3], ["b", "a"], [1, 0], ["y", "x"]), [0, 1]));
        Assert.NotEqual(digest, DataDigest.Of(new TableDataset([1, 2, 3, 5], ["a", "b"], [0, 1], ["x", "y"]), [0, 1]));
        Assert.NotEqual(digest, DataDigest.Of(new TableDataset([1, 2, 3, 4], ["a", "b"], [0, 0], ["x", "y"]), [0, 1]));
        Assert.NotEqual(digest, DataDigest.Of(new TableDataset([1, 2, 3, 4], ["a", "c"], [0, 1], ["x", "y"]), [0, 1]));
        Assert.NotEqual(digest, DataDigest.Of(new TableDataset([1, 2, 3, 4], ["a", "b"], [0, 1], ["x", "y"]), [0]));
        DataSplit made = SampleFiles.Load(new DataSource.Synthetic(new Shape(4), 3, 10, 1, 1)), other = SampleFiles.Load(new DataSource.Synthetic(new Shape(4), 3, 10, 1, 1), seed: 2);
        Assert.NotEqual(DataDigest.Of(made.Train, [0, 1]), DataDigest.Of(other.Train, [0, 1]));
        Assert.NotEqual(DataDigest.Of(made.Train, [0, 1]), DataDigest.Of(made.Train, [0, 2]));
    }

    [Theory]
    [InlineData(19, -1)]
    [InlineData(20, 1)]
    [InlineData(-1, 1)]
    [InlineData(0.5f, 1)]
    [InlineData(float.NaN, 1)]
    public void A_token_is_a_whole_number_of_the_vocabulary(float token, int at) => Assert.Equal(at, TokenRange.FirstOutside([0, token, 3], 20));
}
