using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeSplit.Tests.Data;

namespace EdgeSplit.Tests.Security;

/// <summary>A certificate authority of a test's own, its files in a folder.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly TemporaryFolder folder;
    private readonly string name;
    private readonly X509Certificate2 certificate;

    public TestAuthority(TemporaryFolder folder, string name)
    {
        this.folder = folder;
        this.name = name;
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        certificate = request.CreateSelfSigned(now.AddDays(-2), now.AddDays(2));
        Path = folder.Write($"{name}.pem", certificate.ExportCertificatePem());
    }

    /// <summary>Its certificate, in PEM.</summary>
    public string Path { get; }

    /// <summary>Signs a certificate for the loopback interface; its key is in the same file.</summary>
    /// <param name="file">What to call the file.</param>
    /// <param name="purpose">1 for a server, 2 for a client.</param>
    /// <param name="host">A name instead of the loopback interface.</param>
    /// <param name="expired">Make it valid until yesterday.</param>
    /// <param name="usage">Its key usage; null to say nothing of it.</param>
    public string Sign(string file, int purpose, string? host = null, bool expired = false, X509KeyUsageFlags? usage = null)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={file}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        if (host is null)
            names.AddIpAddress(IPAddress.Loopback);
        else
            names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid($"1.3.6.1.5.5.7.3.{purpose}")], critical: false));
        if (usage is { } flags)
            request.CertificateExtensions.Add(new X509KeyUsageExtension(flags, critical: true));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        byte[] serial = RandomNumberGenerator.GetBytes(8);
        using X509Certificate2 signed = request.Create(certificate, now.AddDays(-2), now.AddDays(expired ? -1 : 1), serial);
        return folder.Write(
            $"{name}-{file}.pem", signed.ExportCertificatePem() + "\n" + certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    public void Dispose() => certificate.Dispose();
}
