using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using EdgeSplit.Cli;
using EdgeSplit.Cli.Commands;
using EdgeSplit.Server.Security;
using EdgeSplit.Tests.Data;
using EdgeSplit.Wire.Security;

namespace EdgeSplit.Tests.Security;

/// <summary>The options as the commands <c>server</c> and <c>device</c> read them.</summary>
public sealed class SecurityOptionsTests : IDisposable
{
    private const string Fingerprint = "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF";

    private readonly TemporaryFolder folder = new();
    private readonly string token;

    public SecurityOptionsTests()
    {
        token = folder.At("token");
        TokenFile.Write(token, DeviceToken.Create(), replace: false);
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("127.0.0.1:0")]
    [InlineData("0.0.0.0:8443", "--insecure")]
    public void A_server_without_TLS_is_for_this_machine_or_for_the_users_word(params string[] options)
    {
        (ServerSecurity? security, IReadOnlyList<Fault> faults) = Server(["--listen", .. options]);
        Assert.Empty(faults);
        Assert.Null(security!.Tls);
    }

    [Fact]
    public void Listening_beyond_this_machine_without_TLS_is_refused() =>
        Assert.Contains("--insecure", Assert.Single(Server("--listen", "0.0.0.0:8443").Faults).ToString(), StringComparison.Ordinal);

    [Fact]
    public void A_certificate_given_is_the_one_shown()
    {
        using TestAuthority ours = new(folder, "ours");
        string path = ours.Sign("server", purpose: 1);
        (ServerSecurity? security, IReadOnlyList<Fault> faults) = Server("--listen", "0.0.0.0:0", "--cert", path, "--client-ca", ours.Path);
        Assert.Empty(faults);
        Assert.True(security!.Tls!.Fingerprint.IsOf(CertificateFile.Read(path, null, "--cert").Certificate));
        Assert.NotNull(security.Tls.Clients);
        using StringWriter told = new();
        ServerSecurityOptions.Tell(security, told);
        Assert.Contains(security.Tls.Fingerprint.ToString(), told.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, true, null, "expired at ")]
    [InlineData(2, false, null, "not for servers")]
    [InlineData(1, false, X509KeyUsageFlags.KeyCertSign, "not for TLS connections")]
    public void A_certificate_that_no_device_would_take_is_refused_before_anyone_listens(int purpose, bool expired, X509KeyUsageFlags? usage, string problem)
    {
        using TestAuthority ours = new(folder, "ours");
        string path = ours.Sign("server", purpose, expired: expired, usage: usage);
        Fault fault = Assert.Single(Server("--listen", "127.0.0.1:0", "--cert", path).Faults);
        Assert.Equal("--cert", fault.Where);
        Assert.Contains($"{path}: the certificate", fault.Problem, StringComparison.Ordinal);
        Assert.Contains(problem, fault.Problem, StringComparison.Ordinal);
        Assert.Equal("give a certificate for servers that is valid now", fault.Remedy);
    }

    [Theory]
    [InlineData(2, true, "expired at ")]
    [InlineData(1, false, "not for clients")]
    public void A_devices_certificate_that_no_server_would_take_is_refused_too(int purpose, bool expired, string problem)
    {
        using TestAuthority ours = new(folder, "ours");
        string path = ours.Sign("device", purpose, expired: expired);
        Fault fault = Assert.Single(Device("--server", "https://localhost:1", "--token", token, "--client-cert", path).Faults);
        Assert.Equal("--client-cert", fault.Where);
        Assert.Contains(problem, fault.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_certificate_or_has_no_key_is_refused()
    {
        using TestAuthority ours = new(folder, "ours");
        string noise = folder.Write("noise", Enumerable.Range(0, 500).Select(one => (byte)(one * 7)).ToArray()), empty = folder.Write("empty", "");
        string directory = Directory.CreateDirectory(folder.At("directory")).FullName;
        // The authority's own file is a certificate without its key.
        foreach (string path in (string[])[noise, empty, directory, folder.At("none"), ours.Path])
            AssertFaults(Server("--listen", "127.0.0.1:0", "--cert", path).Faults, "--cert");
    }

    [Fact]
    public void All_that_is_wrong_at_a_server_is_told_at_once() => AssertFaults(
        Server("--listen", "nowhere", "--cert", folder.At("none.pem"), "--client-ca", token, "--store", token).Faults,
        "--listen", token, "--cert", "--client-ca");

    [Fact]
    public void Options_without_what_they_are_for_are_told() => AssertFaults(
        Server("--listen", "0.0.0.0:1", "--key", token, "--client-ca", folder.At("none.pem")).Faults, "--client-ca", "--key", "--listen");

    [Fact]
    public void A_device_has_its_servers_address_its_token_and_whom_it_trusts()
    {
        (DeviceSecurity? security, IReadOnlyList<Fault> faults) = Device("--server", "https://edge.example:8443", "--token", token, "--fingerprint", Fingerprint);
        Assert.Empty(faults);
        Assert.Equal("edge.example", security!.Address.Endpoint.Host);
        Assert.Equal(TokenFile.Read(token, TextReader.Null).Reveal(), security.Token.Reveal());
    }

    [Fact]
    public void All_that_is_wrong_at_a_device_is_told_at_once() => AssertFaults(
        Device("--server", "nowhere", "--token", folder.At("none"), "--fingerprint", "12:34", "--client-key", token).Faults,
        "--server", "--token", "--fingerprint", "--client-key");

    [Fact]
    public void What_is_for_TLS_only_is_refused_without_it()
    {
        AssertFaults(Device("--server", "http://localhost:1", "--token", token, "--fingerprint", Fingerprint).Faults, "--fingerprint");
        AssertFaults(Device("--server", "https://localhost:1", "--token", token, "--fingerprint", Fingerprint, "--ca", token).Faults, "--fingerprint");
    }

    private static void AssertFaults(IReadOnlyList<Fault> faults, params string[] places) =>
        Assert.Equal(places.Order(StringComparer.Ordinal), faults.Select(fault => fault.Where).Order(StringComparer.Ordinal));

    private (ServerSecurity? Security, IReadOnlyList<Fault> Faults) Server(params string[] arguments)
    {
        ServerSecurityOptions options = new();
        string[] store = arguments.Contains("--store") ? [] : ["--store", folder.At("tokens.json")];
        return Read("server", options.AddTo, options.Read, [.. arguments, .. store]);
    }

    private static (DeviceSecurity? Security, IReadOnlyList<Fault> Faults) Device(params string[] arguments)
    {
        DeviceSecurityOptions options = new();
        return Read("device", options.AddTo, (parsed, faults) => options.Read(parsed, faults, TextReader.Null), arguments);
    }

    private static (T? Read, IReadOnlyList<Fault> Faults) Read<T>(
        string name, Action<Command> add, Func<ParseResult, FaultCollector, T?> read, string[] arguments)
        where T : class
    {
        Command command = new(name);
        add(command);
        ParseResult parsed = command.Parse(arguments);
        Assert.Empty(parsed.Errors);
        FaultCollector faults = new();
        T? found = read(parsed, faults);
        try
        {
            faults.ThrowIfAny();
            return (found, []);
        }
        catch (InvalidInputException invalid)
        {
            return (null, invalid.Faults);
        }
    }
}
