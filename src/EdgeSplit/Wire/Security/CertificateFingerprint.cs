using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EdgeSplit.Wire.Security;

/// <summary>SHA-256 of a certificate as it is sent (DER): what <c>openssl x509 -noout -fingerprint -sha256</c> prints.</summary>
public sealed class CertificateFingerprint
{
    private const string Scheme = "sha256:";

    private readonly byte[] hash;

    private CertificateFingerprint(byte[] hash) => this.hash = hash;

    public static CertificateFingerprint Of(X509Certificate certificate) => new(SHA256.HashData(certificate.GetRawCertData()));

    /// <summary>64 hexadecimal digits in either case, with or without colons and a leading <c>sha256:</c>; null for another text.</summary>
    public static CertificateFingerprint? Parse(string text)
    {
        string digits = text.Trim();
        if (digits.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            digits = digits[Scheme.Length..];
        digits = digits.Replace(":", "", StringComparison.Ordinal);
        byte[] hash = new byte[SHA256.HashSizeInBytes];
        return digits.Length == 2 * hash.Length && Convert.FromHexString(digits, hash, out _, out _) == System.Buffers.OperationStatus.Done
            ? new CertificateFingerprint(hash)
            : null;
    }

    /// <summary>Whether a certificate is the one; takes as long wherever it differs.</summary>
    public bool IsOf(X509Certificate certificate) => CryptographicOperations.FixedTimeEquals(hash, Of(certificate).hash);

    /// <summary>As openssl prints it: <c>AB:CD:...</c>.</summary>
    public override string ToString() => string.Join(':', hash.Select(each => each.ToString("X2", System.Globalization.CultureInfo.InvariantCulture)));
}
