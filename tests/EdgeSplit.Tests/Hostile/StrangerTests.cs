using EdgeSplit.Numerics;
using EdgeSplit.Server.Security;
using EdgeSplit.Tests.Data;
using EdgeSplit.Tests.Security;
using EdgeSplit.Tests.Training;
using EdgeSplit.Wire.Security;

namespace EdgeSplit.Tests.Hostile;

/// <summary>Who has no token: whatever he sends, or does not send, an honest device gets in beside him.</summary>
public sealed class StrangerTests : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private readonly ManualClock clock = new();
    private readonly TokenStore store;
    private DeviceToken token = null!;

    public StrangerTests() => store = new TokenStore(folder.At("tokens.json"), TimeProvider.System);

    public async ValueTask InitializeAsync() => await store.EnrollAsync("camera", renew: false, made => token = made);

    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connections_that_say_nothing_are_bounded_in_number(bool encrypted)
    {
        await using SecureHost host = await StartAsync(encrypted);
        List<RawPeer> peers = [];
        // Counted as they come: on a busy machine the web server's own patience may end before the last is there.
        int most = 0;
        for (int number = 0; number < ConnectionGate.Capacity + 100; number++)
        {
            peers.Add(await RawPeer.ConnectAsync(host.Port));
            most = Math.Max(most, host.Gate.Count);
        }

        // The oldest made room for the others.
        foreach (RawPeer peer in peers.Take(100))
            Assert.Equal("", await peer.ReadToEndAsync());
        await AssertHonestAsync(host, encrypted);
        Assert.InRange(most, 1, ConnectionGate.Capacity);
        Assert.InRange(host.Gate.Count, 0, ConnectionGate.Capacity);
        peers.ForEach(peer => peer.Dispose());
    }

    [Theory]
    [InlineData(false, "")]
    [InlineData(false, "GET /edgesplit/v1/device HTTP/1.1\r\nHost: x\r\nX-Slow: a")]
    [InlineData(true, "\u0016\u0003\u0001\u0002")]
    public async Task Who_has_said_half_a_thing_when_patience_ends_is_cut_off(bool encrypted, string half)
    {
        await using SecureHost host = await StartAsync(encrypted);
        using RawPeer peer = await RawPeer.ConnectAsync(host.Port);
        await peer.SendAsync(half);
        // The gate has him once a later connection has got through it.
        await AssertHonestAsync(host, encrypted);
        clock.Advance(ConnectionGate.Patience);
        host.Gate.TurnAwayLate();
        Assert.Equal("", await peer.ReadToEndAsync());
        await AssertHonestAsync(host, encrypted);
        Assert.Equal(0, host.Gate.Count);
    }

    [Fact]
    public async Task Headers_beyond_every_need_are_refused_before_they_are_read()
    {
        await using SecureHost host = await StartAsync(encrypted: false);
        using RawPeer peer = await RawPeer.ConnectAsync(host.Port);
        await peer.SendAsync("GET /edgesplit/v1/device HTTP/1.1\r\nHost: x\r\nX-Long: ");
        await peer.SendAsync(new byte[1 << 20].Select(_ => (byte)'a').ToArray());
        Assert.True(await peer.ReadToEndAsync() is "" or ['H', 'T', 'T', 'P', '/', '1', '.', '1', ' ', '4', '3', '1', ..]);
        await AssertHonestAsync(host, encrypted: false);
    }

    [Fact]
    public async Task What_a_device_says_before_it_is_let_in_is_heard_afterwards()
    {
        await using SecureHost host = await StartAsync(encrypted: false);
        using RawPeer peer = await RawPeer.ConnectAsync(host.Port);
        // The request and, in the same packet, the frame that closes a WebSocket, masked with zeros.
        await peer.SendAsync(
            "GET /edgesplit/v1/device HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + $"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nAuthorization: Bearer {token.Reveal()}\r\n\r\n\u0088\u0080\0\0\0\0");
        string answer = await peer.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.StartsWith("HTTP/1.1 101 ", answer, StringComparison.Ordinal);
        Assert.EndsWith("camera", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_is_not_read()
    {
        await using SecureHost host = await StartAsync(encrypted: false);
        using RawPeer peer = await RawPeer.ConnectAsync(host.Port);
        await peer.SendAsync($"POST /edgesplit/v1/device HTTP/1.1\r\nHost: x\r\nContent-Length: {1L << 60}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 4", await peer.ReadToEndAsync(), StringComparison.Ordinal);
        await AssertHonestAsync(host, encrypted: false);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Random_bytes_are_answered_or_cut_off(bool encrypted)
    {
        SeededRandom random = new(7);
        await using SecureHost host = await StartAsync(encrypted);
        for (int number = 0; number < 200; number++)
        {
            byte[] bytes = new byte[random.NextInt(2000)];
            for (int index = 0; index < bytes.Length; index++)
                bytes[index] = (byte)random.NextInt(256);
            // Some that look right at first.
            if (number % 3 == 1)
                (encrypted ? "\u0016\u0003\u0001"u8 : "GET / HTTP/1.1\r\n"u8).CopyTo(bytes.Length > 16 ? bytes : bytes = new byte[16]);
            using RawPeer peer = await RawPeer.ConnectAsync(host.Port);
            await peer.SendAsync(bytes);
            peer.EndSending();
            await peer.ReadToEndAsync();
        }

        await AssertHonestAsync(host, encrypted);
        Assert.DoesNotContain("Error: ", host.Log.Text, StringComparison.Ordinal);
    }

    private async Task<SecureHost> StartAsync(bool encrypted) => await SecureHost.StartAsync(
        store, encrypted ? new ServerTls(SelfMadeCertificate.OpenOrMake(folder.At("server.pem"), TimeProvider.System)) : null, clock);

    private async Task AssertHonestAsync(SecureHost host, bool encrypted)
    {
        ServerTrust trust = encrypted
            ? ServerTrust.Pinned(CertificateFingerprint.Of(CertificateFile.Read(folder.At("server.pem"), null, "--cert").Certificate))
            : ServerTrust.OfSystem;
        Assert.Equal("camera", await SecureHost.NameAtAsync(new DeviceSecurity(host.Address, token, trust)));
    }
}
