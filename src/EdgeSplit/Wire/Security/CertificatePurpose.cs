using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EdgeSplit.Wire.Security;

/// <summary>Which end of a TLS connection a certificate is to be shown by.</summary>
/// <param name="Whom">The end, for people.</param>
/// <param name="Usage">Its extended key usage.</param>
/// <param name="Uses">The key usages with which the other end takes it: one of them.</param>
internal sealed record CertificatePurpose(string Whom, string Usage, X509KeyUsageFlags Uses)
{
    public static CertificatePurpose Server { get; } = new(
        "servers", "1.3.6.1.5.5.7.3.1", X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment | X509KeyUsageFlags.KeyAgreement);

    public static CertificatePurpose Device { get; } = new(
        "clients", "1.3.6.1.5.5.7.3.2", X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyAgreement);

    /// <summary>Why the other end would refuse a certificate, or the web server would not show it; null if neither.</summary>
    public string? ProblemOf(X509Certificate2 certificate, TimeProvider clock)
    {
        DateTime now = clock.GetUtcNow().UtcDateTime, from = certificate.NotBefore.ToUniversalTime(), until = certificate.NotAfter.ToUniversalTime();
        if (now < from)
            return string.Create(CultureInfo.InvariantCulture, $"the certificate is not valid before {from:yyyy-MM-dd HH:mm:ss'Z'}");
        if (now > until)
            return string.Create(CultureInfo.InvariantCulture, $"the certificate expired at {until:yyyy-MM-dd HH:mm:ss'Z'}");
        X509EnhancedKeyUsageExtension? purposes = certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault();
        if (purposes?.EnhancedKeyUsages.OfType<Oid>().Any(purpose => purpose.Value == Usage) == false)
            return $"the certificate is not for {Whom}, by its extended key usage";
        X509KeyUsageExtension? uses = certificate.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault();
        return uses is not null && (uses.KeyUsages & Uses) == 0 ? "the certificate is not for TLS connections, by its key usage" : null;
    }
}
