using System.Net.WebSockets;
using System.Text;
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

    /// <summary>Of the names in a hello, in characters.</summary>
    public const int LongestName = 256;

    /// <summary>Of a network as YAML: what a model file may have.</summary>
    public const int LargestModelBytes = 1024 * 1024;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>At the server: the device's hello, of sane sizes. Whether its version, name and session are known is the server's to judge.</summary>
    /// <exception cref="ProtocolException">It is none.</exception>
    /// <exception cref="ConnectionLostException">None came in time, or the connection broke.</exception>
    public static async Task<Hello> ReceiveHelloAsync(
        FrameConnection connection, TimeSpan timeout, TimeProvider clock, CancellationToken cancellation)
    {
        using Deadline deadline = new(connection, timeout, clock, cancellation);
        FrameHeader header = await ReceiveAsync(connection).ConfigureAwait(false);
        if (header is not { Hello: { } hello, PayloadBytes: 0, Sequence: 0 })
            throw new ProtocolException($"Expected a hello, received {header.ContentCase}.");
        if (hello.Device.Length is 0 or > LongestName || hello.Machine.Length > LongestName || hello.Session.Length > LongestName)
            throw new ProtocolException($"Expected a device's name, machine and session of at most {LongestName} characters each.");
        return hello;
    }

    /// <summary>At the server: takes the device in.</summary>
    /// <param name="connection">The device's.</param>
    /// <param name="welcome">Its version is filled in.</param>
    /// <param name="model">The network as YAML.</param>
    public static async Task WelcomeAsync(FrameConnection connection, Welcome welcome, string model)
    {
        welcome.Version = Version;
        await connection.SendAsync(new FrameHeader { Welcome = welcome }, StrictUtf8.GetBytes(model)).ConfigureAwait(false);
    }

    /// <summary>At either end: says why there is no session, and closes the connection in a given time.</summary>
    public static async Task RefuseAsync(
        FrameConnection connection, ErrorCode code, string reason, TimeSpan timeout, TimeProvider clock, CancellationToken cancellation)
    {
        using Deadline deadline = new(connection, timeout, clock, cancellation);
        try
        {
            await connection.SendAsync(ErrorFrame(code, reason), ReadOnlyMemory<byte>.Empty).ConfigureAwait(false);
            await connection.CloseOutputAsync(WebSocketCloseStatus.PolicyViolation, reason).ConfigureAwait(false);
            await connection.DiscardAsync().ConfigureAwait(false);
        }
        catch (ConnectionLostException)
        {
            // Who is refused may have left.
        }
    }

    /// <summary>At the device: says hello; returns the server's welcome and the network as YAML.</summary>
    /// <exception cref="RefusedException">The server does not take the device.</exception>
    /// <exception cref="ProtocolException">The answer is none.</exception>
    /// <exception cref="ConnectionLostException">None came in time, or the connection broke.</exception>
    public static async Task<(Welcome Welcome, string Model)> GreetAsync(
        FrameConnection connection, Hello hello, TimeSpan timeout, TimeProvider clock, CancellationToken cancellation)
    {
        using Deadline deadline = new(connection, timeout, clock, cancellation);
        await connection.SendAsync(new FrameHeader { Hello = hello }, ReadOnlyMemory<byte>.Empty).ConfigureAwait(false);
        FrameHeader header = await ReceiveAsync(connection).ConfigureAwait(false);
        if (header.Error is { } error)
            throw new RefusedException(error.Code, error.Reason);
        if (header.Welcome is not { } welcome || header.Sequence != 0)
            throw new ProtocolException($"Expected a welcome, received {header.ContentCase}.");
        if (welcome.Version != Version)
            throw new ProtocolException($"Expected version {Version} of the protocol, the server speaks {welcome.Version}.");
        if (welcome.Session.Length is 0 or > LongestName || !(welcome.HeartbeatSeconds is > 0 and < 3600))
            throw new ProtocolException("Expected a session's name and a heartbeat of less than an hour in the welcome.");
        return (welcome, await ReadModelAsync(connection, header).ConfigureAwait(false));
    }

    internal static FrameHeader ErrorFrame(ErrorCode code, string reason) => new() { Error = new Error { Code = code, Reason = reason } };

    private static async Task<string> ReadModelAsync(FrameConnection connection, FrameHeader header)
    {
        if (header.PayloadBytes is 0 or > LargestModelBytes)
            throw new ProtocolException($"Expected a network of 1 to {LargestModelBytes} bytes, received a claim of {header.PayloadBytes}.");
        byte[] model = new byte[header.PayloadBytes];
        await connection.ReceivePayloadAsync(model).ConfigureAwait(false);
        try
        {
            return StrictUtf8.GetString(model);
        }
        catch (DecoderFallbackException)
        {
            throw new ProtocolException("Expected the network as UTF-8, received what is none.");
        }
    }

    private static async Task<FrameHeader> ReceiveAsync(FrameConnection connection) =>
        await connection.ReceiveHeaderAsync().ConfigureAwait(false)
        ?? throw new ConnectionLostException("The other end closed the connection before a word.");

    /// <summary>Aborts a connection when a time is over, or on request.</summary>
    private sealed class Deadline : IDisposable
    {
        private readonly ITimer timer;
        private readonly CancellationTokenRegistration registration;

        public Deadline(FrameConnection connection, TimeSpan timeout, TimeProvider clock, CancellationToken cancellation)
        {
            timer = clock.CreateTimer(_ => connection.Abort(), null, timeout, Timeout.InfiniteTimeSpan);
            registration = cancellation.UnsafeRegister(_ => connection.Abort(), null);
        }

        public void Dispose()
        {
            timer.Dispose();
            registration.Dispose();
        }
    }
}
