using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeSplit.Wire.Security;

namespace EdgeSplit.Server.Security;

/// <summary>A server's own certificate, made on first use: no authority vouches for it, so devices pin its fingerprint.</summary>
public static class SelfMadeCertificate
{
    /// <summary>Its name in <see cref="UserConfig.Folder"/>.</summary>
    public const string DefaultName = "server.pem";

    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const int Years = 10;

    /// <summary>The certificate in that file; made there (ECDSA P-256, valid for ten years, mode 0600) if there is none.</summary>
    /// <exception cref="InvalidInputException">The file cannot be read or written, or holds no certificate.</exception>
    public static CertificateFile OpenOrMake(string path, TimeProvider clock)
    {
        if (!File.Exists(path))
        {
            try
            {
                PrivateFolder.Make(Path.GetDirectoryName(Path.GetFullPath(path))!);
                AtomicFile.WriteText(path, Make(clock), overwrite: false, AtomicFile.Private);
            }
            catch (IOException) when (File.Exists(path))
            {
                // Another server was first; its certificate is as good.
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new InvalidInputException("--tls", $"a certificate cannot be written: {exception.Message}", "give one with --cert FILE");
            }
        }

        return CertificateFile.Read(path, key: null, "--tls");
    }

    /// <summary>Certificate and key, in PEM.</summary>
    private static string Make(TimeProvider clock)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=EdgeSplit server", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false));
        DateTimeOffset now = clock.GetUtcNow();
        // A device's clock may be behind.
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(Years));
        return certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n";
    }
}
