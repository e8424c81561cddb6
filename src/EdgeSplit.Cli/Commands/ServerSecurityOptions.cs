using System.CommandLine;
using EdgeSplit.Server;
using EdgeSplit.Server.Security;
using EdgeSplit.Wire.Security;

namespace EdgeSplit.Cli.Commands;

/// <summary>The options that say where a server listens, how it shows who it is, and whom it lets in.</summary>
internal sealed class ServerSecurityOptions
{
    private readonly Option<string> listen = new("--listen")
    {
        Description = "Where to listen: ADDRESS:PORT, *:PORT for every interface, port 0 for any that is free.",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => "127.0.0.1:0",
    };

    private readonly Option<string?> store = TokenStoreOption();

    private readonly Option<bool> tls = new("--tls")
    {
        Description = "Encrypt: with the certificate of --cert, or with one made on first use, which devices pin.",
    };

    private readonly Option<string?> certificate = new("--cert")
    {
        Description = "The server's certificate: PEM (with its chain) or PKCS#12 without a password. Says --tls too.",
        HelpName = "FILE",
    };

    private readonly Option<string?> key = new("--key")
    {
        Description = "The certificate's private key (PEM), where it is not in the same file.",
        HelpName = "FILE",
    };

    private readonly Option<string?> clients = new("--client-ca")
    {
        Description = "Ask each device for a certificate that these authorities (PEM) signed, besides its token.",
        HelpName = "FILE",
    };

    private readonly Option<bool> insecure = new("--insecure")
    {
        Description = "Listen beyond this machine without TLS: anyone on the way can read tokens and data, and be a device.",
    };

    /// <summary>Where a server finds the devices that may join.</summary>
    public static Option<string?> TokenStoreOption() => new("--store")
    {
        Description = "The devices that may join, as 'edgesplit enroll' keeps them. [default: tokens.json in the user's settings]",
        HelpName = "FILE",
    };

    /// <exception cref="InvalidInputException">No file is given, and the user has no settings.</exception>
    public static TokenStore StoreAt(string? path) => new(path ?? UserConfig.PathOf(TokenStore.DefaultName, "--store"), TimeProvider.System);

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[listen, store, tls, certificate, key, clients, insecure])
            command.Add(option);
    }

    /// <summary>Null where it found faults.</summary>
    public ServerSecurity? Read(ParseResult parsed, FaultCollector faults)
    {
        ListenAddress? address = faults.Try(() => ListenAddress.Parse(parsed.GetRequiredValue(listen), listen.Name));
        TokenStore? tokens = faults.Try(() => Checked(StoreAt(parsed.GetValue(store))));
        bool encrypt = parsed.GetValue(tls) || parsed.GetValue(certificate) is not null;
        CertificateFile? own = encrypt ? faults.Try(() => CertificateOf(parsed)) : null;
        CertificateAuthorities? authorities = parsed.GetValue(clients) is { } file
            ? faults.Try(() => CertificateAuthorities.Read(file, clients.Name))
            : null;
        faults.Check(() => RequireUse(parsed, encrypt));
        if (address is not null)
            faults.Check(() => RequireSecrecy(address, encrypt, parsed.GetValue(insecure)));
        if (address is null || tokens is null || (encrypt && own is null))
            return null;
        return new ServerSecurity(address, own is null ? null : new ServerTls(own, authorities), tokens);
    }

    /// <summary>What a person at a device needs to know of the server, or should of its dangers.</summary>
    public static void Tell(ServerSecurity security, TextWriter writer)
    {
        if (security.Tls is { } tls)
            writer.WriteLine($"The certificate's SHA-256 fingerprint is {tls.Fingerprint}; devices pin it with --fingerprint.");
        else if (!security.Listen.IsLoopback)
            writer.WriteLine("warning: without TLS, anyone on the way can read tokens and data, and be a device");
    }

    private static TokenStore Checked(TokenStore tokens)
    {
        tokens.Read();
        return tokens;
    }

    private CertificateFile CertificateOf(ParseResult parsed) => parsed.GetValue(certificate) is { } file
        ? CertificateFile.ReadForServer(file, parsed.GetValue(key), certificate.Name, TimeProvider.System)
        : SelfMadeCertificate.OpenOrMake(UserConfig.PathOf(SelfMadeCertificate.DefaultName, certificate.Name), TimeProvider.System);

    private void RequireUse(ParseResult parsed, bool encrypt)
    {
        if (parsed.GetValue(key) is not null && parsed.GetValue(certificate) is null)
            throw new InvalidInputException(key.Name, "there is no certificate for it", $"name it with {certificate.Name} FILE");
        if (parsed.GetValue(clients) is not null && !encrypt)
            throw new InvalidInputException(clients.Name, "certificates come with TLS only", $"say {tls.Name}, or {certificate.Name} FILE");
    }

    private void RequireSecrecy(ListenAddress address, bool encrypt, bool anyway)
    {
        if (!address.IsLoopback && !encrypt && !anyway)
        {
            throw new InvalidInputException(
                listen.Name, $"others can reach {address}, and there is no TLS",
                $"say {tls.Name} or {certificate.Name} FILE, or {insecure.Name} where nobody can listen");
        }
    }
}
