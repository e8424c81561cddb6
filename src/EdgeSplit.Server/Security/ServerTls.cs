using EdgeSplit.Wire.Security;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace EdgeSplit.Server.Security;

/// <summary>The certificate a server shows, and whose certificates it asks of devices.</summary>
/// <param name="Certificate">With its key and chain.</param>
/// <param name="Clients">Devices must show a certificate of theirs, besides their token; null to ask for none.</param>
public sealed record ServerTls(CertificateFile Certificate, CertificateAuthorities? Clients = null)
{
    /// <summary>What devices pin.</summary>
    public CertificateFingerprint Fingerprint => CertificateFingerprint.Of(Certificate.Certificate);

    internal void Configure(HttpsConnectionAdapterOptions https)
    {
        https.ServerCertificate = Certificate.Certificate;
        https.ServerCertificateChain = Certificate.Chain;
        https.HandshakeTimeout = ConnectionGate.Patience;
        if (Clients is null)
            return;
        https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
        https.ClientCertificateValidation = (certificate, chain, _) => Clients.VouchForClient(certificate, chain);
    }
}
