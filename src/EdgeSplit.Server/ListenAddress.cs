using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace EdgeSplit.Server;

/// <summary>Where a server listens: <c>ADDRESS:PORT</c>, with port 0 for any that is free.</summary>
/// <param name="Address">Of one interface, or of all of them.</param>
/// <param name="Port">0 to 65535.</param>
public sealed record ListenAddress(IPAddress Address, int Port)
{
    /// <summary>Whether only this machine can reach it.</summary>
    public bool IsLoopback => IPAddress.IsLoopback(Address);

    /// <summary>
    /// Reads <c>127.0.0.1:7000</c>, <c>[::1]:7000</c>, <c>localhost:7000</c>, <c>*:7000</c> for every interface, or a name of this machine,
    /// which is looked up: its first address counts.
    /// </summary>
    /// <exception cref="InvalidInputException">It is none of these, or the name has no address.</exception>
    public static ListenAddress Parse(string text, string where)
    {
        int colon = text.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port > IPEndPoint.MaxPort)
            throw Wrong(text, where);
        IPAddress? address = text[..colon] switch
        {
            "localhost" => IPAddress.Loopback,
            "*" => IPAddress.Any,
            { } host when IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? given) =>
                IsBracketed(host) == (given.AddressFamily == AddressFamily.InterNetworkV6) ? given : null,
            { } host => Uri.CheckHostName(host) == UriHostNameType.Dns ? LookUp(host, where) : null,
        };
        return address is null ? throw Wrong(text, where) : new ListenAddress(address, port);
    }

    /// <summary>As it is read.</summary>
    public override string ToString() => new IPEndPoint(Address, Port).ToString();

    private static IPAddress LookUp(string host, string where)
    {
        try
        {
            return Dns.GetHostAddresses(host) is [{ } first, ..] ? first : throw Unknown();
        }
        catch (SocketException)
        {
            throw Unknown();
        }

        InvalidInputException Unknown() => new(where, $"there is no address for '{host}'", "give an address of this machine, or *:PORT for all of them");
    }

    private static bool IsBracketed(string host) => host.StartsWith('[') && host.EndsWith(']');

    private static InvalidInputException Wrong(string text, string where) =>
        new(where, $"'{text}' is not an address and a port", "give ADDRESS:PORT, as in 127.0.0.1:7000, or *:7000 for every interface; port 0 takes a free one");
}
