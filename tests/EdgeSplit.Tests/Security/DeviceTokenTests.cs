using System.Text.Json;
using EdgeSplit.Wire.Security;

namespace EdgeSplit.Tests.Security;

public class DeviceTokenTests
{
    [Fact]
    public void A_new_token_is_256_bits_behind_a_prefix_that_scanners_know()
    {
        DeviceToken token = DeviceToken.Create();
        Assert.Matches("^edgesplit_[A-Za-z0-9_-]{43}$", token.Reveal());
        Assert.NotEqual(token.Reveal(), DeviceToken.Create().Reveal());
        Assert.Equal(token.Hash(), DeviceToken.Parse(token.Reveal())!.Hash());
    }

    [Fact]
    public void What_prints_a_token_unasked_prints_its_prefix_only()
    {
        DeviceToken token = DeviceToken.Create();
        DeviceSecurity security = new(ServerAddress.Parse("https://edge.example", insecure: false), token, ServerTrust.OfSystem);
        string secret = token.Reveal()[DeviceToken.Prefix.Length..];
        Assert.All(
            [token.ToString(), $"{security}", JsonSerializer.Serialize(token)],
            printed => Assert.DoesNotContain(secret, printed, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("edgesplit_")]
    [InlineData("edgesplit_short")]
    [InlineData("Edgesplit_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("edgesplit_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("edgesplit_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA ")]
    [InlineData("edgesplit_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/")]
    [InlineData("edgesplit_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void Other_texts_are_no_tokens(string text) => Assert.Null(DeviceToken.Parse(text));
}
