using EdgeSplit.Server.Security;
using EdgeSplit.Tests.Cli;
using EdgeSplit.Tests.Data;
using EdgeSplit.Wire.Security;

namespace EdgeSplit.Tests.Security;

public sealed class EnrollCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string store;

    public EnrollCommandTests() => store = folder.At("tokens.json");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_token_is_printed_once_alone_on_standard_output()
    {
        CommandLine ran = await CommandLine.RunWellAsync("enroll", "camera", "--store", store);
        DeviceToken token = DeviceToken.Parse(ran.Output.TrimEnd('\n'))!;
        Assert.Equal("camera", new TokenRegister(new TokenStore(store, TimeProvider.System)).NameOf(token));
        Assert.DoesNotContain(token.Reveal(), ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_goes_to_a_file_is_not_printed()
    {
        CommandLine ran = await CommandLine.RunWellAsync("enroll", "camera", "--store", store, "--out", folder.At("camera.token"));
        DeviceToken token = TokenFile.Read(folder.At("camera.token"), TextReader.Null);
        Assert.DoesNotContain(token.Reveal(), ran.Output + ran.Error, StringComparison.Ordinal);
        (await CommandLine.RunAsync("enroll", "other", "--store", store, "--out", folder.At("camera.token"))).AssertRefused("--out");
        Assert.Equal(["camera"], new TokenStore(store, TimeProvider.System).Read().Select(device => device.Name));
    }

    [Fact]
    public async Task A_name_is_enrolled_once_then_renewed_listed_and_revoked()
    {
        await CommandLine.RunWellAsync("enroll", "camera", "--store", store);
        (await CommandLine.RunAsync("enroll", "camera", "--store", store)).AssertRefused("say --renew");
        await CommandLine.RunWellAsync("enroll", "camera", "--renew", "--store", store);
        Assert.Contains("camera", (await CommandLine.RunWellAsync("enroll", "--list", "--store", store)).Output, StringComparison.Ordinal);
        (await CommandLine.RunAsync("enroll", "--revoke", "camra", "--store", store)).AssertRefused("did you mean 'camera'?");
        await CommandLine.RunWellAsync("enroll", "--revoke", "camera", "--store", store);
        Assert.Equal("[]", (await CommandLine.RunWellAsync("enroll", "--list", "--format", "json", "--store", store)).Output.Trim());
    }

    [Fact]
    public async Task Nothing_asked_too_much_asked_and_a_store_that_cannot_be_are_refused()
    {
        (await CommandLine.RunAsync("enroll", "--store", store)).AssertRefused("there is nothing to do");
        (await CommandLine.RunAsync("enroll", "camera", "--list", "--store", store)).AssertRefused("one thing at a time");
        folder.Write("file", "no store");
        (await CommandLine.RunAsync("enroll", "camera", "--store", folder.At("file"))).AssertRefused(folder.At("file"));
        (await CommandLine.RunAsync("enroll", "camera", "--store", folder.At("file", "tokens.json"))).AssertRefused("--store");
    }
}
