using System.Net;
using System.Net.WebSockets;
using EdgeSplit.Server.Security;
using EdgeSplit.Tests.Data;
using EdgeSplit.Wire.Security;

namespace EdgeSplit.Tests.Security;

/// <summary>Real sockets against the real gate: who is let in, and what the others are told.</summary>
public sealed class AdmissionTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TokenStore store;

    public AdmissionTests() => store = new TokenStore(folder.At("tokens.json"), TimeProvider.System);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_device_joins_under_the_name_of_its_token()
    {
        DeviceToken token = await EnrollAsync("camera");
        await EnrollAsync("other");
        await using SecureHost host = await SecureHost.StartAsync(store);
        Assert.Equal("camera", await SecureHost.NameAtAsync(new DeviceSecurity(host.Address, token, ServerTrust.OfSystem)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer edgesplit_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("Basic ZWRnZXNwbGl0OmVkZ2VzcGxpdA==")]
    [InlineData("edgesplit_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Who_shows_no_token_that_counts_gets_401_and_not_a_word_of_why(string? header)
    {
        await EnrollAsync("camera");
        await using SecureHost host = await SecureHost.StartAsync(store);
        using HttpResponseMessage response = await AskAsync(host, header);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
        Assert.True(response.Headers.ConnectionClose);
        Assert.False(response.Headers.Contains("Server"));
    }

    [Fact]
    public async Task A_token_that_is_void_ends_the_device_with_what_to_do()
    {
        DeviceToken token = await EnrollAsync("camera");
        await using SecureHost host = await SecureHost.StartAsync(store);
        DeviceSecurity security = new(host.Address, token, ServerTrust.OfSystem);
        await SecureHost.NameAtAsync(security);
        await store.RevokeAsync("camera");
        InvalidInputException refused = await Assert.ThrowsAsync<InvalidInputException>(() => SecureHost.NameAtAsync(security));
        Assert.Contains("edgesplit enroll", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_fails_again_and_again_gets_429_but_a_device_at_the_same_address_gets_in()
    {
        DeviceToken token = await EnrollAsync("camera");
        await using SecureHost host = await SecureHost.StartAsync(store);
        for (int attempt = 0; attempt < FailureLimit.PerMinute; attempt++)
            (await AskAsync(host, "Bearer x")).Dispose();
        using HttpResponseMessage response = await AskAsync(host, "Bearer x");
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal("camera", await SecureHost.NameAtAsync(new DeviceSecurity(host.Address, token, ServerTrust.OfSystem)));
        Assert.Equal(FailureLimit.PerMinute, host.Log.Text.Split("Refused a connection").Length - 1);
    }

    [Fact]
    public async Task A_device_that_is_told_to_wait_may_try_again()
    {
        await using SecureHost host = await SecureHost.StartAsync(store);
        for (int attempt = 0; attempt < FailureLimit.PerMinute; attempt++)
            (await AskAsync(host, "Bearer x")).Dispose();
        await Assert.ThrowsAsync<WebSocketException>(
            () => SecureHost.NameAtAsync(new DeviceSecurity(host.Address, DeviceToken.Create(), ServerTrust.OfSystem)));
    }

    [Fact]
    public async Task No_log_at_any_level_holds_a_token()
    {
        DeviceToken token = await EnrollAsync("camera"), wrong = DeviceToken.Create();
        await using SecureHost host = await SecureHost.StartAsync(store);
        await SecureHost.NameAtAsync(new DeviceSecurity(host.Address, token, ServerTrust.OfSystem));
        (await AskAsync(host, $"Bearer {wrong.Reveal()}")).Dispose();
        Assert.Contains("unknown token", host.Log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(token.Reveal(), host.Log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(wrong.Reveal(), host.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_breaks_while_the_server_runs_lets_nobody_in_until_it_is_whole()
    {
        DeviceToken token = await EnrollAsync("camera");
        string whole = await File.ReadAllTextAsync(store.Location);
        await using SecureHost host = await SecureHost.StartAsync(store);
        DeviceSecurity security = new(host.Address, token, ServerTrust.OfSystem);
        await File.WriteAllTextAsync(store.Location, "{");
        await Assert.ThrowsAsync<InvalidInputException>(() => SecureHost.NameAtAsync(security));
        Assert.Contains("is not a token store", host.Log.Text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(store.Location, whole);
        Assert.Equal("camera", await SecureHost.NameAtAsync(security));
    }

    [Fact]
    public async Task A_device_keeps_trying_a_server_that_is_not_there()
    {
        DeviceSecurity security = new(ServerAddress.Parse(LoopbackFiles.Nowhere().ToString(), insecure: false), DeviceToken.Create(), ServerTrust.OfSystem);
        await Assert.ThrowsAsync<WebSocketException>(() => SecureHost.NameAtAsync(security));
    }

    private static async Task<HttpResponseMessage> AskAsync(SecureHost host, string? authorization)
    {
        using HttpClient client = new();
        using HttpRequestMessage request = new(HttpMethod.Get, new UriBuilder(host.Address.Endpoint) { Scheme = "http" }.Uri);
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private async Task<DeviceToken> EnrollAsync(string name)
    {
        DeviceToken? made = null;
        await store.EnrollAsync(name, renew: false, token => made = token);
        return made!;
    }
}
