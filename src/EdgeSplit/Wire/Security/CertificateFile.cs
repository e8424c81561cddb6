using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EdgeSplit.Wire.Security;

/// <summary>A certificate with its private key, and those that lead from it to an authority, as files hold them.</summary>
/// <param name="Certificate">With its key.</param>
/// <param name="Chain">Further certificates of the file, to be sent along.</param>
public sealed record CertificateFile(X509Certificate2 Certificate, X509Certificate2Collection Chain)
{
    /// <summary>A chain is a few kilobytes; a file beyond this is none.</summary>
    private const int LargestBytes = 1 << 20;

    /// <summary>
    /// Reads PEM (the certificate first, then its chain; the key in the same file or in one of its own) or PKCS#12 without a password.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="key">The key's own file, for PEM; null for none.</param>
    /// <param name="option">The option that names it, for faults.</param>
    /// <exception cref="InvalidInputException">It cannot be read, holds no certificate, or no key that fits.</exception>
    public static CertificateFile Read(string path, string? key, string option) => Guarded(path, option, () =>
    {
        if (IsPem(path))
        {
            X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(path, key);
            X509Certificate2Collection chain = [];
            chain.ImportFromPemFile(path);
            return new CertificateFile(WithUsableKey(certificate), WithoutFirst(chain));
        }

        if (key is not null)
            throw new InvalidInputException(option, $"{path} is not PEM, and PKCS#12 holds its own key", "remove the option that names the key");
        X509Certificate2Collection all = X509CertificateLoader.LoadPkcs12CollectionFromFile(path, password: null, KeyStorage);
        X509Certificate2 own = all.FirstOrDefault(each => each.HasPrivateKey)
            ?? throw new InvalidInputException(option, $"{path} holds no private key");
        all.Remove(own);
        return new CertificateFile(own, all);
    });

    /// <summary>As <see cref="Read"/>, of a certificate that a server can show.</summary>
    /// <exception cref="InvalidInputException">It is not valid now, or is for something else.</exception>
    /// <inheritdoc cref="Read"/>
    public static CertificateFile ReadForServer(string path, string? key, string option, TimeProvider clock) =>
        Read(path, key, option).Require(CertificatePurpose.Server, path, option, clock);

    /// <summary>As <see cref="Read"/>, of a certificate that a device can show.</summary>
    /// <exception cref="InvalidInputException">It is not valid now, or is for something else.</exception>
    /// <inheritdoc cref="Read"/>
    public static CertificateFile ReadForDevice(string path, string? key, string option, TimeProvider clock) =>
        Read(path, key, option).Require(CertificatePurpose.Device, path, option, clock);

    private CertificateFile Require(CertificatePurpose purpose, string path, string option, TimeProvider clock) =>
        purpose.ProblemOf(Certificate, clock) is { } problem
            ? throw new InvalidInputException(option, $"{path}: {problem}", $"give a certificate for {purpose.Whom} that is valid now")
            : this;

    private static X509KeyStorageFlags KeyStorage =>
        OperatingSystem.IsWindows() ? X509KeyStorageFlags.DefaultKeySet : X509KeyStorageFlags.EphemeralKeySet;

    /// <summary>TLS on Windows takes no key that lives in memory only.</summary>
    internal static X509Certificate2 WithUsableKey(X509Certificate2 certificate)
    {
        if (!OperatingSystem.IsWindows())
            return certificate;
        using (certificate)
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null, KeyStorage);
    }

    private static X509Certificate2Collection WithoutFirst(X509Certificate2Collection chain)
    {
        chain.RemoveAt(0);
        return chain;
    }

    private static bool IsPem(string path) => PemEncoding.TryFind(File.ReadAllText(path), out _);

    internal static T Guarded<T>(string path, string option, Func<T> read)
    {
        try
        {
            FileInfo file = new(path);
            return file is { Exists: true, Length: > LargestBytes }
                ? throw new InvalidInputException(option, $"{path} is too large for a certificate")
                : read();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            if (path.Length == 0)
                throw new InvalidInputException(option, "it names no file", "name one");
            throw new InvalidInputException(option, $"{path}: {exception.Message}", exception is CryptographicException
                ? "give PEM with an unencrypted key, or PKCS#12 without a password; 'openssl pkcs12 -in FILE -out FILE.pem -nodes' takes a password off"
                : null);
        }
    }
}
