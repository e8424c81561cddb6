using System.Net.WebSockets;
using System.Text;
using EdgeSplit.Wire.Protocol;

namespace EdgeSplit.Wire;

/// <summary>The first frame each way on a connection.</summary>
public static class Handshake
{
    /// <summary>Of the protocol.</summary>
    public const int Version = 2;

    /// <summary>Where a server takes devices in. It names how frames travel, which has not changed since version 1.</summary>
    public const string Path = "/edgesplit/v1/device";

    /// <summary>The WebSocket sub-protocol.</summary>
    public const string SubProtocol = "edgesplit.v1";

    /// <summary>Of the names in a hello, in characters.</summary>
    public const int LongestName = 256;

    /// <summary>Of a network as YAML: what a model file may have.</summary>
    public const int LargestModelBytes = 1024 * 1024;

    /// <summary>Of a data contract as JSON.</summary>
    public const int LargestContractBytes = 4 * 1024 * 1024;

    /// <summary>Of the fingerprint of a device's data.</summary>
    public const int DigestBytes = 16;

    /// <summary>Of a reason, in characters.</summary>
    public const int LongestReason = 1000;

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
        if (hello.DataDigest.Length is not (0 or DigestBytes))
            throw new ProtocolException($"Expected a fingerprint of {DigestBytes} bytes, received one of {hello.DataDigest.Length}.");
        return hello;
    }

    /// <summary>At the server: takes the device in.</summary>
    /// <param name="connection">The device's.</param>
    /// <param name="welcome">Its version is filled in.</param>
    /// <param name="model">The network as YAML.</param>
    /// <param name="contract">The data contract as JSON.</param>
    public static async Task WelcomeAsync(FrameConnection connection, Welcome welcome, string model, string contract)
    {
        byte[] network = StrictUtf8.GetBytes(model), data = StrictUtf8.GetBytes(contract);
        welcome.Version = Version;
        welcome.ContractBytes = (uint)data.Length;
        await connection.SendAsync(new FrameHeader { Welcome = welcome }, (byte[])[.. network, .. data]).ConfigureAwait(false);
    }

    /// <summary>At the server: waits for the device to say that its data are what the contract says.</summary>
    /// <exception cref="RefusedException">They are not: the device's reason.</exception>
    /// <exception cref="ProtocolException">It says something else.</exception>
    /// <exception cref="ConnectionLostException">Nothing came in time, or the connection broke.</exception>
    public static async Task ReceiveAcceptAsync(FrameConnection connection, TimeSpan timeout, TimeProvider clock, CancellationToken cancellation)
    {
        using Deadline deadline = new(connection, timeout, clock, cancellation);
        FrameHeader header = await ReceiveAsync(connection).ConfigureAwait(false);
        if (header.Error is { } error)
            throw new RefusedException(error.Code, Printable(error.Reason));
        if (header is not { Accept: not null, PayloadBytes: 0, Sequence: 0 })
            throw new ProtocolException($"Expected a word on the welcome, received {header.ContentCase}.");
    }

    /// <summary>A reason as people may be shown it, whoever wrote it.</summary>
    private static string Printable(string reason) => string.Create(Math.Min(reason.Length, LongestReason), reason, (target, text) =>
    {
        for (int index = 0; index < target.Length; index++)
            target[index] = char.IsControl(text[index]) ? '?' : text[index];
    });

    /// <summary>At the device: says that its data are what the contract says.</summary>
    public static async Task AcceptAsync(FrameConnection connection) =>
        await connection.SendAsync(new FrameHeader { Accept = new Accept() }, ReadOnlyMemory<byte>.Empty).ConfigureAwait(false);

    /// <summary>Why two versions do not go together, for both ends.</summary>
    public static string VersionProblem(uint server, uint device) =>
        $"the server speaks version {server} of the protocol and the device version {device}: use the same release of edgesplit on both";

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

    /// <summary>At the device: says hello; returns the server's welcome, the network as YAML and the data contract as JSON.</summary>
    /// <exception cref="RefusedException">The server does not take the device, or speaks another version, which it is told.</exception>
    /// <exception cref="ProtocolException">The answer is none.</exception>
    /// <exception cref="ConnectionLostException">None came in time, or the connection broke.</exception>
    public static async Task<(Welcome Welcome, string Model, string Contract)> GreetAsync(
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
        {
            // An older server has taken the device in already, and would wait for it.
            string problem = VersionProblem(welcome.Version, Version);
            await RefuseAsync(connection, ErrorCode.Version, problem, timeout, clock, cancellation).ConfigureAwait(false);
            throw new RefusedException(ErrorCode.Version, problem);
        }

        if (welcome.Session.Length is 0 or > LongestName || !(welcome.HeartbeatSeconds is > 0 and < 3600))
            throw new ProtocolException("Expected a session's name and a heartbeat of less than an hour in the welcome.");
        if (welcome.ContractBytes is 0 or > LargestContractBytes || header.PayloadBytes <= welcome.ContractBytes || header.PayloadBytes - welcome.ContractBytes > LargestModelBytes)
        {
            throw new ProtocolException(
                $"Expected a network of 1 to {LargestModelBytes} bytes and a contract of 1 to {LargestContractBytes}, received a claim of {header.PayloadBytes} and {welcome.ContractBytes}.");
        }

        string model = await ReadTextAsync(connection, (int)(header.PayloadBytes - welcome.ContractBytes), "network").ConfigureAwait(false);
        return (welcome, model, await ReadTextAsync(connection, (int)welcome.ContractBytes, "contract").ConfigureAwait(false));
    }

    internal static FrameHeader ErrorFrame(ErrorCode code, string reason) => new() { Error = new Error { Code = code, Reason = reason } };

    private static async Task<string> ReadTextAsync(FrameConnection connection, int bytes, string what)
    {
        byte[] text = new byte[bytes];
        await connection.ReceivePayloadAsync(text).ConfigureAwait(false);
        try
        {
            return StrictUtf8.GetString(text);
        }
        catch (DecoderFallbackException)
        {
            throw new ProtocolException($"Expected the {what} as UTF-8, received what is none.");
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
