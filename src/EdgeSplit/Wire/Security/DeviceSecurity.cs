using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;

namespace EdgeSplit.Wire.Security;

/// <summary>How a device reaches its server, and how each knows the other.</summary>
/// <param name="Address">The server.</param>
/// <param name="Token">What the device shows.</param>
/// <param name="Trust">Which server it takes for its own.</param>
/// <param name="ClientCertificate">What a server that asks for certificates gets; null for none.</param>
public sealed record DeviceSecurity(ServerAddress Address, DeviceToken Token, ServerTrust Trust, X509Certificate2? ClientCertificate = null)
{
    /// <summary>Opens the WebSocket.</summary>
    /// <param name="configure">Sets sub-protocol, buffers and the like.</param>
    /// <param name="cancellation">Gives it up.</param>
    /// <exception cref="InvalidInputException">The server is not to be trusted, or does not let this device in: trying again is of no use.</exception>
    /// <exception cref="WebSocketException">It could not be reached, or has no room just now.</exception>
    public async Task<ClientWebSocket> ConnectAsync(Action<ClientWebSocketOptions> configure, CancellationToken cancellation)
    {
        Fault? untrusted = null;
        ClientWebSocket socket = new();
        try
        {
            configure(socket.Options);
            socket.Options.CollectHttpResponseDetails = true;
            socket.Options.SetRequestHeader("Authorization", $"Bearer {Token.Reveal()}");
            socket.Options.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                (untrusted = Trust.RefusalOf(certificate, chain, errors)) is null;
            if (ClientCertificate is not null)
                socket.Options.ClientCertificates.Add(ClientCertificate);
            if (Address.IsLoopback)
                socket.Options.Proxy = null;
            await socket.ConnectAsync(Address.Endpoint, cancellation).ConfigureAwait(false);
            return socket;
        }
        catch (WebSocketException exception)
        {
            HttpStatusCode status = socket.HttpStatusCode;
            socket.Dispose();
            throw (untrusted ?? FaultOf(status)) is { } fault ? new InvalidInputException([fault]) : Explained(exception);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private Fault? FaultOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized => new Fault(
            "--token", "the server knows no such token", "let 'edgesplit enroll NAME' make one in the server's own store; --renew replaces one"),
        HttpStatusCode.NotFound => new Fault("--server", $"there is no EdgeSplit server at {Address.Endpoint}", "check host, port and path"),
        _ => null,
    };

    /// <summary>The innermost reason is the one that helps: a name that is not found, a port that refuses.</summary>
    private WebSocketException Explained(WebSocketException exception)
    {
        Exception reason = exception.GetBaseException();
        // A server that asks for a certificate tells so by ending the connection, as one does that has no room.
        string message = reason is not HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded } ? reason.Message
            : Address.Endpoint.Scheme == "wss"
                ? "The server ended the connection without a word; if it asks for a certificate, give one that it knows with --client-cert."
            : "The server ended the connection without a word.";
        return new WebSocketException(exception.WebSocketErrorCode, message, exception);
    }
}
