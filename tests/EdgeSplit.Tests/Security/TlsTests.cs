using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using EdgeSplit.Server.Security;
using EdgeSplit.Tests.Data;
using EdgeSplit.Wire.Security;

namespace EdgeSplit.Tests.Security;

/// <summary>Which server a device takes for its own, over real TLS.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private readonly TokenStore store;
    private DeviceToken token = null!;

    public TlsTests() => store = new TokenStore(folder.At("tokens.json"), TimeProvider.System);

    public async ValueTask InitializeAsync() => await store.EnrollAsync("camera", renew: false, made => token = made);

    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_self_made_certificate_is_taken_only_when_it_is_pinned()
    {
        CertificateFile certificate = SelfMadeCertificate.OpenOrMake(folder.At("settings", "server.pem"), TimeProvider.System);
        CertificateFingerprint fingerprint = CertificateFingerprint.Of(certificate.Certificate);
        await using SecureHost host = await SecureHost.StartAsync(store, new ServerTls(certificate));

        InvalidInputException refused = await Assert.ThrowsAsync<InvalidInputException>(() => NameAsync(host, ServerTrust.OfSystem));
        Assert.Contains($"--fingerprint {fingerprint}", refused.Message, StringComparison.Ordinal);
        Assert.Contains("it vouches for itself", refused.Message, StringComparison.Ordinal);
        Assert.Equal("camera", await NameAsync(host, ServerTrust.Pinned(CertificateFingerprint.Parse(fingerprint.ToString())!)));
    }

    [Fact]
    public async Task A_wrong_fingerprint_is_refused_before_the_token_is_sent()
    {
        ServerTls tls = new(SelfMadeCertificate.OpenOrMake(folder.At("server.pem"), TimeProvider.System));
        CertificateFile other = SelfMadeCertificate.OpenOrMake(folder.At("other.pem"), TimeProvider.System);
        await using SecureHost host = await SecureHost.StartAsync(store, tls);

        InvalidInputException refused = await Assert.ThrowsAsync<InvalidInputException>(
            () => NameAsync(host, ServerTrust.Pinned(CertificateFingerprint.Of(other.Certificate))));
        Assert.Contains(tls.Fingerprint.ToString(), refused.Message, StringComparison.Ordinal);
        Assert.StartsWith("--fingerprint", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Request starting", host.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_self_made_certificate_is_made_once_for_ten_years_and_for_its_user_alone()
    {
        string path = folder.At("settings", "server.pem");
        CertificateFile made = SelfMadeCertificate.OpenOrMake(path, TimeProvider.System), again = SelfMadeCertificate.OpenOrMake(path, TimeProvider.System);
        Assert.Equal(made.Certificate.Thumbprint, again.Certificate.Thumbprint);
        Assert.InRange(made.Certificate.NotAfter - made.Certificate.NotBefore, TimeSpan.FromDays(3652), TimeSpan.FromDays(3655));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(path));
    }

    [Fact]
    public async Task An_authority_of_the_users_choice_vouches_for_its_own_servers_only()
    {
        using TestAuthority ours = new(folder, "ours"), theirs = new(folder, "theirs");
        await using SecureHost host = await SecureHost.StartAsync(store, new ServerTls(CertificateFile.Read(ours.Sign("server", purpose: 1), null, "--cert")));
        Assert.Equal("camera", await NameAsync(host, Under(ours)));
        InvalidInputException refused = await Assert.ThrowsAsync<InvalidInputException>(() => NameAsync(host, Under(theirs)));
        Assert.Contains("no authority that this device trusts", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidInputException>(() => NameAsync(host, ServerTrust.OfSystem));
    }

    [Theory]
    [InlineData("elsewhere.example", false)]
    [InlineData(null, true)]
    public async Task A_certificate_for_another_name_or_time_is_refused(string? host, bool expired)
    {
        using TestAuthority ours = new(folder, "ours");
        CertificateFile certificate = CertificateFile.Read(ours.Sign("server", purpose: 1, host, expired), null, "--cert");
        await using SecureHost server = await SecureHost.StartAsync(store, new ServerTls(certificate));
        await Assert.ThrowsAsync<InvalidInputException>(() => NameAsync(server, Under(ours)));
    }

    [Fact]
    public void A_devices_certificate_does_not_make_a_server()
    {
        using TestAuthority ours = new(folder, "ours");
        CertificateAuthorities authorities = CertificateAuthorities.Read(ours.Path, "--ca");
        CertificateFile device = CertificateFile.Read(ours.Sign("device", purpose: 2), null, "--client-cert");
        Assert.True(authorities.VouchForClient(device.Certificate, null));
        Assert.False(authorities.VouchForServer(device.Certificate, null));
    }

    [Fact]
    public async Task Where_the_server_asks_for_certificates_a_token_alone_is_not_enough()
    {
        using TestAuthority ours = new(folder, "ours"), theirs = new(folder, "theirs");
        ServerTls tls = new(CertificateFile.Read(ours.Sign("server", purpose: 1), null, "--cert"), CertificateAuthorities.Read(ours.Path, "--client-ca"));
        await using SecureHost host = await SecureHost.StartAsync(store, tls);
        Assert.Equal("camera", await NameAsync(host, Under(ours), ours.Sign("device", purpose: 2)));
        WebSocketException refused = await Assert.ThrowsAsync<WebSocketException>(() => NameAsync(host, Under(ours)));
        Assert.Contains("--client-cert", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<WebSocketException>(() => NameAsync(host, Under(ours), theirs.Sign("device", purpose: 2)));
        await Assert.ThrowsAsync<WebSocketException>(() => NameAsync(host, Under(ours), ours.Sign("another-server", purpose: 1)));
    }

    [Fact]
    public void A_certificate_is_read_from_PEM_with_its_key_beside_it_and_from_PKCS12()
    {
        using TestAuthority ours = new(folder, "ours");
        CertificateFile whole = CertificateFile.Read(ours.Sign("server", purpose: 1), null, "--cert");
        Assert.True(whole.Certificate.HasPrivateKey);
        Assert.Equal("CN=ours", Assert.Single(whole.Chain).Subject);

        string certificate = folder.Write("cert.pem", whole.Certificate.ExportCertificatePem());
        string key = folder.Write("key.pem", whole.Certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        Assert.True(CertificateFile.Read(certificate, key, "--cert").Certificate.HasPrivateKey);
        Assert.Throws<InvalidInputException>(() => CertificateFile.Read(certificate, null, "--cert"));

        string pfx = folder.Write("cert.pfx", whole.Certificate.Export(X509ContentType.Pkcs12));
        Assert.True(CertificateFile.Read(pfx, null, "--cert").Certificate.HasPrivateKey);
        string locked = folder.Write("locked.pfx", whole.Certificate.Export(X509ContentType.Pkcs12, "secret"));
        InvalidInputException refused = Assert.Throws<InvalidInputException>(() => CertificateFile.Read(locked, null, "--cert"));
        Assert.Contains("without a password", refused.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidInputException>(() => CertificateFile.Read(folder.At("nowhere.pem"), null, "--cert"));
        Assert.Throws<InvalidInputException>(() => CertificateAuthorities.Read(key, "--ca"));
    }

    [Theory]
    [InlineData("sha256:", ':')]
    [InlineData("", ':')]
    [InlineData("SHA256:", null)]
    public void A_fingerprint_is_read_in_every_usual_form(string scheme, char? separator)
    {
        CertificateFile made = SelfMadeCertificate.OpenOrMake(folder.At("server.pem"), TimeProvider.System);
        string text = CertificateFingerprint.Of(made.Certificate).ToString();
        string given = separator is null ? text.Replace(":", "", StringComparison.Ordinal).ToLowerInvariant() : text;
        CertificateFingerprint? read = CertificateFingerprint.Parse(scheme + given);
        Assert.True(read!.IsOf(made.Certificate));
        Assert.Equal(text, read.ToString());
        Assert.Null(CertificateFingerprint.Parse(text[3..]));
        Assert.Null(CertificateFingerprint.Parse(text.Replace(text[0], 'G')));
    }

    private static ServerTrust Under(TestAuthority authority) => ServerTrust.Under(CertificateAuthorities.Read(authority.Path, "--ca"));

    private Task<string> NameAsync(SecureHost host, ServerTrust trust, string? certificate = null) => SecureHost.NameAtAsync(
        new DeviceSecurity(host.Address, token, trust, certificate is null ? null : CertificateFile.Read(certificate, null, "--client-cert").Certificate));
}
