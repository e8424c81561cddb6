using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EdgeSplit.Wire.Security;

/// <summary>Authorities of the user's own choice: their word counts, and no one else's.</summary>
public sealed class CertificateAuthorities
{
    private readonly X509Certificate2Collection certificates;

    private CertificateAuthorities(X509Certificate2Collection certificates) => this.certificates = certificates;

    /// <summary>Reads one certificate or more, in PEM.</summary>
    /// <param name="path">The file.</param>
    /// <param name="option">The option that names it, for faults.</param>
    /// <exception cref="InvalidInputException">It cannot be read, or holds none.</exception>
    public static CertificateAuthorities Read(string path, string option) => CertificateFile.Guarded(path, option, () =>
    {
        X509Certificate2Collection certificates = [];
        certificates.ImportFromPemFile(path);
        return certificates.Count > 0
            ? new CertificateAuthorities(certificates)
            : throw new InvalidInputException(option, $"{path} holds no certificate", "give certificates in PEM (-----BEGIN CERTIFICATE-----)");
    });

    /// <summary>Whether they stand behind a server's certificate now; its name is not looked at.</summary>
    /// <param name="certificate">What the server presented.</param>
    /// <param name="presented">What came with it.</param>
    public bool VouchForServer(X509Certificate certificate, X509Chain? presented) => Vouch(certificate, presented, CertificatePurpose.Server);

    /// <inheritdoc cref="VouchForServer"/>
    public bool VouchForClient(X509Certificate certificate, X509Chain? presented) => Vouch(certificate, presented, CertificatePurpose.Device);

    private bool Vouch(X509Certificate certificate, X509Chain? presented, CertificatePurpose purpose)
    {
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(certificates);
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(purpose.Usage));
        // A fleet's own authority seldom publishes revocations, and a device may not reach them. Nothing is fetched either.
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        if (presented is not null)
            chain.ChainPolicy.ExtraStore.AddRange(presented.ChainPolicy.ExtraStore);
        using X509Certificate2 leaf = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return chain.Build(leaf);
    }
}
