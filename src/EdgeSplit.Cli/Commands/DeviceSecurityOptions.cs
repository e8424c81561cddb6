using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using EdgeSplit.Wire.Security;

namespace EdgeSplit.Cli.Commands;

/// <summary>The options that say how a device reaches its server, and how each knows the other.</summary>
internal sealed class DeviceSecurityOptions
{
    private readonly Option<string> server = new("--server")
    {
        Description = "The server's address: https://HOST:PORT, or http://HOST:PORT on this machine.",
        HelpName = "URL",
        Required = true,
    };

    private readonly Option<string> token = new("--token")
    {
        Description = "The file with this device's token, readable by nobody else; - for standard input.",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<string?> fingerprint = new("--fingerprint")
    {
        Description = "Take the server with this certificate (SHA-256, as the server prints it) and no other.",
        HelpName = "SHA256",
    };

    private readonly Option<string?> authorities = new("--ca")
    {
        Description = "Take a server whose certificate these authorities (PEM) signed. [default: those of the system]",
        HelpName = "FILE",
    };

    private readonly Option<string?> certificate = new("--client-cert")
    {
        Description = "This device's certificate, where the server asks for one: PEM, or PKCS#12 without a password.",
        HelpName = "FILE",
    };

    private readonly Option<string?> key = new("--client-key") { Description = "Its private key (PEM), where it is not in the same file.", HelpName = "FILE" };

    private readonly Option<bool> insecure = new("--insecure") { Description = "Send token and data unencrypted to another machine." };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[server, token, fingerprint, authorities, certificate, key, insecure])
            command.Add(option);
    }

    /// <summary>Null where it found faults. A token is read last, so that standard input is not for nothing.</summary>
    public DeviceSecurity? Read(ParseResult parsed, FaultCollector faults, TextReader input)
    {
        ServerAddress? address = faults.Try(() => ServerAddress.Parse(parsed.GetRequiredValue(server), parsed.GetValue(insecure)));
        ServerTrust? trust = faults.Try(() => TrustOf(parsed));
        CertificateFile? own = parsed.GetValue(certificate) is { } file
            ? faults.Try(() => CertificateFile.ReadForDevice(file, parsed.GetValue(key), certificate.Name, TimeProvider.System))
            : null;
        faults.Check(() => RequireUse(parsed));
        DeviceToken? shown = faults.Try(() => TokenFile.Read(parsed.GetRequiredValue(token), input));
        X509Certificate2? client = own?.Certificate;
        return address is null || trust is null || shown is null ? null : new DeviceSecurity(address, shown, trust, client);
    }

    private ServerTrust TrustOf(ParseResult parsed)
    {
        string? pinned = parsed.GetValue(fingerprint), file = parsed.GetValue(authorities);
        if (pinned is not null && file is not null)
            throw new InvalidInputException(fingerprint.Name, $"{authorities.Name} is given too", "give one: a pinned certificate needs no authority");
        if (file is not null)
            return ServerTrust.Under(CertificateAuthorities.Read(file, authorities.Name));
        if (pinned is null)
            return ServerTrust.OfSystem;
        return CertificateFingerprint.Parse(pinned) is { } parsedPin
            ? ServerTrust.Pinned(parsedPin)
            : throw new InvalidInputException(
                fingerprint.Name, $"'{pinned}' is not a SHA-256 fingerprint", "give 64 hexadecimal digits, as the server prints them");
    }

    private void RequireUse(ParseResult parsed)
    {
        if (parsed.GetValue(key) is not null && parsed.GetValue(certificate) is null)
            throw new InvalidInputException(key.Name, "there is no certificate for it", $"name it with {certificate.Name} FILE");
        if (!IsEncrypted(parsed) && (Option<string?>[])[fingerprint, authorities, certificate] is { } ofTls
            && ofTls.FirstOrDefault(option => parsed.GetValue(option) is not null) is { } useless)
        {
            throw new InvalidInputException(useless.Name, "the server's address is not encrypted", "say https:// in --server");
        }
    }

    private bool IsEncrypted(ParseResult parsed) =>
        parsed.GetRequiredValue(server) is var url
        && !url.StartsWith("http:", StringComparison.OrdinalIgnoreCase)
        && !url.StartsWith("ws:", StringComparison.OrdinalIgnoreCase);
}
