using System.Net;

namespace EdgeSplit.Wire.Security;

/// <summary>Where a device finds its server.</summary>
/// <param name="Endpoint">The WebSocket's own address: <see cref="Handshake.Path"/> below whatever path the server's has.</param>
/// <param name="IsLoopback">Whether it is this machine.</param>
public sealed record ServerAddress(Uri Endpoint, bool IsLoopback)
{
    /// <param name="text">https or wss, or http or ws without TLS; a port where it is not the scheme's own.</param>
    /// <param name="insecure">Take http and ws to another machine, too.</param>
    /// <exception cref="InvalidInputException">It is no such address, or would show the token to others.</exception>
    public static ServerAddress Parse(string text, bool insecure)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("https" or "wss" or "http" or "ws") || uri.Host.Length == 0)
            throw new InvalidInputException("--server", $"'{text}' is not a server's address", "give one like https://edge.example:8443");
        if (uri.UserInfo.Length > 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
            throw new InvalidInputException("--server", "it holds more than a host, a port and a path", "give one like https://edge.example:8443");
        bool encrypted = uri.Scheme is "https" or "wss", loopback = IsThisMachine(uri);
        if (!encrypted && !loopback && !insecure)
        {
            throw new InvalidInputException(
                "--server", $"'{text}' is not encrypted: anyone on the way could read the token and the data",
                "say https://, or --insecure where nobody can listen");
        }

        UriBuilder endpoint = new(uri)
        {
            Scheme = encrypted ? "wss" : "ws",
            Port = uri.Port,
            Path = uri.AbsolutePath.TrimEnd('/') + Handshake.Path,
        };
        return new ServerAddress(endpoint.Uri, loopback);
    }

    private static bool IsThisMachine(Uri uri) => IPAddress.TryParse(uri.DnsSafeHost, out IPAddress? address)
        ? IPAddress.IsLoopback(address)
        : uri.DnsSafeHost.Equals("localhost", StringComparison.OrdinalIgnoreCase);
}
