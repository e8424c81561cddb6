using System.Net;
using EdgeSplit.Server;
using EdgeSplit.Wire.Security;

namespace EdgeSplit.Tests.Security;

public class AddressTests
{
    [Theory]
    [InlineData("127.0.0.1:0", "127.0.0.1:0", true)]
    [InlineData("[::1]:8443", "[::1]:8443", true)]
    [InlineData("localhost:0", "127.0.0.1:0", true)]
    [InlineData("127.3.2.1:1", "127.3.2.1:1", true)]
    [InlineData("0.0.0.0:8443", "0.0.0.0:8443", false)]
    [InlineData("[::]:8443", "[::]:8443", false)]
    [InlineData("*:8443", "0.0.0.0:8443", false)]
    [InlineData("192.0.2.7:65535", "192.0.2.7:65535", false)]
    public void A_server_listens_where_it_is_told(string text, string printed, bool loopback)
    {
        ListenAddress address = ListenAddress.Parse(text, "--listen");
        Assert.Equal((printed, loopback), (address.ToString(), address.IsLoopback));
    }

    [Fact]
    public void A_name_of_this_machine_is_looked_up() =>
        Assert.Contains(ListenAddress.Parse($"{Dns.GetHostName()}:0", "--listen").Address, Dns.GetHostAddresses(Dns.GetHostName()));

    [Theory]
    [InlineData("")]
    [InlineData(":8443")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("::1:8443")]
    [InlineData("[127.0.0.1]:8443")]
    [InlineData("http://127.0.0.1:80")]
    [InlineData("no-such-host.invalid:80")]
    public void Another_text_is_refused(string text) => Assert.Throws<InvalidInputException>(() => ListenAddress.Parse(text, "--listen"));

    [Theory]
    [InlineData("https://edge.example:8443", "wss://edge.example:8443/edgesplit/v1/device", false)]
    [InlineData("wss://edge.example", "wss://edge.example/edgesplit/v1/device", false)]
    [InlineData("https://edge.example/behind/a/proxy/", "wss://edge.example/behind/a/proxy/edgesplit/v1/device", false)]
    [InlineData("http://localhost:7000", "ws://localhost:7000/edgesplit/v1/device", true)]
    [InlineData("ws://127.0.0.1:7000/", "ws://127.0.0.1:7000/edgesplit/v1/device", true)]
    [InlineData("http://[::1]:7000", "ws://[::1]:7000/edgesplit/v1/device", true)]
    public void A_device_finds_the_endpoint_below_the_servers_address(string text, string endpoint, bool loopback)
    {
        ServerAddress address = ServerAddress.Parse(text, insecure: false);
        Assert.Equal((new Uri(endpoint), loopback), (address.Endpoint, address.IsLoopback));
    }

    [Theory]
    [InlineData("http://edge.example")]
    [InlineData("ws://192.0.2.7:7000")]
    [InlineData("http://localhost.example:7000")]
    [InlineData("http://127.0.0.1.example:7000")]
    public void A_token_goes_to_another_machine_encrypted_or_with_the_users_word(string text)
    {
        InvalidInputException refused = Assert.Throws<InvalidInputException>(() => ServerAddress.Parse(text, insecure: false));
        Assert.Contains("--insecure", refused.Message, StringComparison.Ordinal);
        Assert.Equal("ws", ServerAddress.Parse(text, insecure: true).Endpoint.Scheme);
    }

    [Theory]
    [InlineData("")]
    [InlineData("edge.example:8443")]
    [InlineData("ftp://edge.example")]
    [InlineData("https://user:password@edge.example")]
    [InlineData("https://edge.example?token=x")]
    [InlineData("file:///etc/passwd")]
    public void What_is_no_servers_address_is_refused(string text) =>
        Assert.Throws<InvalidInputException>(() => ServerAddress.Parse(text, insecure: true));
}
