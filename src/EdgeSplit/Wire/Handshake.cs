using EdgeSplit.Wire.Protocol;

namespace EdgeSplit.Wire;

/// <summary>The first frame each way on a connection.</summary>
public static class Handshake
{
    /// <summary>Of the protocol.</summary>
    public const int Version = 1;

    /// <summary>Where a server takes devices in.</summary>
    public const string Path = "/edgesplit/v1/device";

    /// <summary>The WebSocket sub-protocol.</summary>
    public const string SubProtocol = "edgesplit.v1";

    /// <summary>At the server: the device's hello, of this version and sane sizes.</summary>
    /// <exception cref="ProtocolException">It is none.</exception>
    /// <exception cref="TimeoutException">None came.</exception>
    public static Task<Hello> ReceiveHelloAsync(
        FrameConnection connection, TimeSpan timeout, TimeProvider clock, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>At the server: takes the device in. The model is YAML, as <c>ModelFile</c> writes it.</summary>
    public static Task WelcomeAsync(FrameConnection connection, Welcome welcome, string model, CancellationToken cancellation) =>
        throw new NotImplementedException();

    /// <summary>At either end: says why the session ends, and closes the connection.</summary>
    public static Task RefuseAsync(FrameConnection connection, ErrorCode code, string reason, CancellationToken cancellation) =>
        throw new NotImplementedException();

    /// <summary>At the device: the server's answer to a hello.</summary>
    /// <exception cref="RefusedException">It does not take the device.</exception>
    public static Task<(Welcome Welcome, string Model)> GreetAsync(
        FrameConnection connection, Hello hello, TimeSpan timeout, TimeProvider clock, CancellationToken cancellation) =>
        throw new NotImplementedException();
}

/// <summary>The other end ended the session, and says why.</summary>
public sealed class RefusedException(ErrorCode code, string reason) : Exception(reason)
{
    public ErrorCode Code => code;
}
