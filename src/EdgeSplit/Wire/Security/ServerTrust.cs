using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace EdgeSplit.Wire.Security;

/// <summary>
/// Which server a device takes for its own: the one with a pinned certificate, one under authorities of the user's choice, or one the
/// system trusts. A server's self-made certificate is none of these until it is pinned.
/// </summary>
public sealed class ServerTrust
{
    private readonly CertificateFingerprint? pinned;
    private readonly CertificateAuthorities? authorities;

    private ServerTrust(CertificateFingerprint? pinned, CertificateAuthorities? authorities)
    {
        this.pinned = pinned;
        this.authorities = authorities;
    }

    /// <summary>Whom the operating system trusts.</summary>
    public static ServerTrust OfSystem { get; } = new(null, null);

    /// <summary>This certificate and no other, whatever it says of names and dates.</summary>
    public static ServerTrust Pinned(CertificateFingerprint fingerprint) => new(fingerprint, null);

    /// <summary>Certificates that these signed, for the server's name.</summary>
    public static ServerTrust Under(CertificateAuthorities authorities) => new(null, authorities);

    /// <summary>Why a server is not to be trusted, with the fingerprint seen and how to go on; null if it is.</summary>
    /// <param name="certificate">What it presented.</param>
    /// <param name="chain">What came with it.</param>
    /// <param name="errors">What the system makes of it.</param>
    public Fault? RefusalOf(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
            return new Fault("--server", "the server presented no certificate");
        if (pinned is not null)
            return pinned.IsOf(certificate) ? null : RefusalOfAnother(CertificateFingerprint.Of(certificate));
        bool itsName = !errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch);
        bool vouchedFor = authorities is null ? !errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) : authorities.VouchForServer(certificate, chain);
        if (itsName && vouchedFor)
            return null;
        string why = !vouchedFor && certificate.Subject == certificate.Issuer ? "it vouches for itself"
            : !vouchedFor ? "no authority that this device trusts vouches for it"
            : "it is for another name";
        CertificateFingerprint seen = CertificateFingerprint.Of(certificate);
        return new Fault(
            "--server",
            $"the server's certificate is not trusted: {why}; its SHA-256 fingerprint is {seen}",
            $"compare it with the one that the server printed when it started and, only if they are the same, say --fingerprint {seen}");
    }

    private static Fault RefusalOfAnother(CertificateFingerprint seen) => new(
        "--fingerprint",
        $"the server's certificate is another one: its SHA-256 fingerprint is {seen}",
        "someone may be in between; only if the server printed this fingerprint when it started, pin it instead");
}
