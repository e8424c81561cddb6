using EdgeSplit.Server.Security;
using EdgeSplit.Tests.Data;
using EdgeSplit.Wire.Security;

namespace EdgeSplit.Tests.Security;

public sealed class TokenStoreTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TokenStore store;
    private readonly TokenRegister register;

    public TokenStoreTests()
    {
        store = new TokenStore(folder.At("deep", "tokens.json"), TimeProvider.System);
        register = new TokenRegister(store);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_token_names_its_device_and_no_other()
    {
        DeviceToken first = await EnrollAsync("first"), second = await EnrollAsync("second");
        Assert.Equal(("first", "second", null), (register.NameOf(first), register.NameOf(second), register.NameOf(DeviceToken.Create())));
        Assert.Equal(["first", "second"], register.Names);
    }

    [Fact]
    public async Task The_file_holds_no_token_and_is_the_users_own()
    {
        DeviceToken token = await EnrollAsync("camera");
        string text = await File.ReadAllTextAsync(store.Location);
        Assert.DoesNotContain(token.Reveal()[DeviceToken.Prefix.Length..], text, StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexStringLower(token.Hash()), text, StringComparison.Ordinal);
        if (OperatingSystem.IsWindows())
            return;
        Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(store.Location));
        Assert.Equal(AtomicFile.Private | UnixFileMode.UserExecute, File.GetUnixFileMode(folder.At("deep")));
    }

    [Fact]
    public async Task An_enrolled_name_is_kept_unless_its_token_is_to_be_renewed()
    {
        DeviceToken old = await EnrollAsync("camera");
        await Assert.ThrowsAsync<InvalidInputException>(() => EnrollAsync("camera"));
        Assert.Equal("camera", register.NameOf(old));
        DeviceToken renewed = await EnrollAsync("camera", renew: true);
        Assert.Equal((null, "camera"), (register.NameOf(old), register.NameOf(renewed)));
        await Assert.ThrowsAsync<InvalidInputException>(() => EnrollAsync("other", renew: true));
    }

    [Fact]
    public async Task A_revoked_token_is_nobodys_at_once()
    {
        DeviceToken token = await EnrollAsync("camera");
        Assert.Equal("camera", register.NameOf(token));
        await store.RevokeAsync("camera");
        Assert.Null(register.NameOf(token));
        InvalidInputException again = await Assert.ThrowsAsync<InvalidInputException>(() => store.RevokeAsync("camera"));
        Assert.Contains("no device 'camera' is enrolled", again.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_is_taken_away_lets_nobody_in()
    {
        DeviceToken token = await EnrollAsync("camera");
        Assert.Equal("camera", register.NameOf(token));
        File.Delete(store.Location);
        Assert.Null(register.NameOf(token));
    }

    [Fact]
    public async Task A_token_that_could_not_be_delivered_is_not_stored()
    {
        await Assert.ThrowsAsync<InvalidInputException>(() =>
            store.EnrollAsync("camera", renew: false, _ => throw new InvalidInputException("--out", "full")));
        Assert.Empty(store.Read());
    }

    [Theory]
    [InlineData("")]
    [InlineData("two\nlines")]
    [InlineData("escape\u001b[2J")]
    public async Task A_name_that_a_fleet_could_not_have_is_refused(string name) =>
        await Assert.ThrowsAsync<InvalidInputException>(() => EnrollAsync(name));

    [Fact]
    public async Task Many_that_enrol_at_once_are_all_in()
    {
        await Task.WhenAll(Enumerable.Range(1, 20).Select(number => Task.Run(() => EnrollAsync($"device-{number}"))));
        Assert.Equal(20, store.Read().Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{ "version": 2, "devices": [] }""")]
    [InlineData("""{ "version": 1, "devices": {} }""")]
    [InlineData("""{ "version": 1, "devices": [ 3 ] }""")]
    [InlineData("""{ "version": 1, "devices": [ { "name": "a", "sha256": "00", "enrolled": "2026-01-01T00:00:00Z" } ] }""")]
    [InlineData("""{ "version": 1, "devices": [ { "name": "a", "sha256": 7, "enrolled": "2026-01-01T00:00:00Z" } ] }""")]
    public async Task A_broken_store_lets_nobody_in_and_says_so(string text)
    {
        DeviceToken token = await EnrollAsync("camera");
        await File.WriteAllTextAsync(store.Location, text);
        Assert.Contains(store.Location, Assert.Throws<InvalidInputException>(() => register.NameOf(token)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidInputException>(() => register.NameOf(token));
    }

    [Fact]
    public async Task Two_devices_of_one_name_are_a_broken_store()
    {
        await EnrollAsync("a");
        await EnrollAsync("b");
        await File.WriteAllTextAsync(store.Location, (await File.ReadAllTextAsync(store.Location)).Replace("\"b\"", "\"a\"", StringComparison.Ordinal));
        Assert.Contains("devices[1]", Assert.Throws<InvalidInputException>(() => store.Read()).Message, StringComparison.Ordinal);
    }

    private async Task<DeviceToken> EnrollAsync(string name, bool renew = false)
    {
        DeviceToken? made = null;
        await store.EnrollAsync(name, renew, token => made = token);
        return made!;
    }
}
