namespace EdgeSplit.Tests;

public class NearestNameTests
{
    private static readonly string[] Known = ["resnet18", "resnet34", "vgg11", "lenet5"];

    [Theory]
    [InlineData("resnet-18", "resnet18")]
    [InlineData("Resnet43", "resnet34")]
    [InlineData("lent5", "lenet5")]
    [InlineData("VGG11", "vgg11")]
    [InlineData("len", "lenet5")]
    public void A_misspelt_name_has_its_nearest(string given, string expected) => Assert.Equal(expected, NearestName.Of(given, Known));

    [Theory]
    [InlineData("")]
    [InlineData("transformer")]
    public void A_far_name_has_none(string given) => Assert.Null(NearestName.Of(given, Known));
}
