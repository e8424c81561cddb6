using System.Net.WebSockets;
using System.Text;
using EdgeSplit.Numerics;
using EdgeSplit.Wire.Protocol;

namespace EdgeSplit.Wire;

/// <summary>
/// A WebSocket as frames, one a message: the header's length (4 bytes, little-endian), the header (protobuf), the payload. One
/// sender and one receiver at a time; idle, it holds no buffers. Whatever ends a connection is a <see cref="ConnectionLostException"/>.
/// </summary>
public sealed class FrameConnection : IAsyncDisposable
{
    /// <summary>With the WebSocket's own header, what fits a pooled buffer of 256 KiB.</summary>
    public const int DefaultFragmentBytes = (256 * 1024) - 16;

    /// <summary>A longer header is refused unread.</summary>
    public const int LargestHeaderBytes = 64 * 1024;

    private const int LargestReasonBytes = 123;

    private readonly WebSocket socket;
    private readonly int fragmentBytes;
    private readonly FrameReader reader;
    private long bytesSent;

    /// <param name="socket">Open, and not to be used by anyone else; without keep-alive frames of its own.</param>
    /// <param name="clock">Measures how fast payloads come.</param>
    /// <param name="fragmentBytes">The most a WebSocket fragment carries.</param>
    public FrameConnection(WebSocket socket, TimeProvider clock, int fragmentBytes = DefaultFragmentBytes)
        : this(socket, clock, fragmentBytes, readPacer: null)
    {
    }

    /// <param name="socket">As above.</param>
    /// <param name="clock">As above.</param>
    /// <param name="fragmentBytes">As above.</param>
    /// <param name="readPacer">Holds reading to a rate, as a slower link would; null for no limit.</param>
    internal FrameConnection(WebSocket socket, TimeProvider clock, int fragmentBytes, Pacer? readPacer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(fragmentBytes, sizeof(ushort));
        this.socket = socket;
        this.fragmentBytes = fragmentBytes;
        reader = new FrameReader(socket, clock, fragmentBytes) { Pacer = readPacer };
    }

    /// <summary>Bytes given to the WebSocket.</summary>
    public long BytesSent => Volatile.Read(ref bytesSent);

    /// <summary>Bytes taken from the WebSocket.</summary>
    public long BytesReceived => reader.BytesReceived;

    /// <summary>How fast the last payload came; nothing where it was too short to tell.</summary>
    public Flow LastFlow => reader.LastFlow;

    /// <summary>Sends a frame whose payload is in one place.</summary>
    /// <exception cref="ConnectionLostException">The connection broke.</exception>
    public ValueTask SendAsync(FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        header.PayloadBytes = (ulong)payload.Length;
        return SendAsync(header, payload.IsEmpty ? [] : [new PayloadPart(payload)], pacer: null, CancellationToken.None);
    }

    /// <summary>Sends a frame whose header already says how long the parts are together.</summary>
    internal async ValueTask SendAsync(FrameHeader header, IReadOnlyList<PayloadPart> parts, Pacer? pacer, CancellationToken pacing)
    {
        try
        {
            long sent = await new FrameWriter(socket, fragmentBytes, pacer, pacing).WriteAsync(header, parts).ConfigureAwait(false);
            Volatile.Write(ref bytesSent, bytesSent + sent);
        }
        catch (Exception failure) when (IsLoss(failure, pacing))
        {
            throw new ConnectionLostException($"The connection broke while sending: {failure.Message}", failure);
        }
    }

    /// <summary>The next frame's header; null when the other end has closed as it should. The payload before must have been read.</summary>
    /// <exception cref="ProtocolException">What came is no header.</exception>
    /// <exception cref="ConnectionLostException">The connection broke.</exception>
    public ValueTask<FrameHeader?> ReceiveHeaderAsync() => reader.ReadHeaderAsync();

    /// <summary>Reads the next bytes of the payload, as many as <paramref name="target"/> holds.</summary>
    /// <exception cref="ProtocolException">The payload ends before.</exception>
    /// <exception cref="ConnectionLostException">The connection broke.</exception>
    public ValueTask ReceivePayloadAsync(Memory<byte> target) => reader.ReadPayloadAsync(target);

    /// <summary>Reads the elements of a float32 tensor that were encoded on the way.</summary>
    internal ValueTask ReceiveEncodedAsync(HostTensor target, TensorEncoding encoding) => reader.ReadEncodedAsync(target, encoding);

    /// <summary>Reads what is left of the payload to no end.</summary>
    internal ValueTask DrainPayloadAsync() => reader.DrainPayloadAsync();

    /// <summary>After a fault, lets the other end read why before the connection ends: reads what is under way, up to a bound.</summary>
    internal ValueTask DiscardAsync() => reader.DiscardAsync();

    /// <summary>Says that nothing more will be sent.</summary>
    internal async ValueTask CloseOutputAsync(WebSocketCloseStatus status, string reason)
    {
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await socket.CloseOutputAsync(status, Shortened(reason), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception failure) when (IsLoss(failure, CancellationToken.None))
        {
            throw new ConnectionLostException($"The connection broke while closing: {failure.Message}", failure);
        }
    }

    /// <summary>Ends the connection at once: whoever sends or receives gets a <see cref="ConnectionLostException"/>.</summary>
    public void Abort() => socket.Abort();

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Whatever a socket throws when it ends under us, but for what we threw or asked for.</summary>
    internal static bool IsLoss(Exception failure, CancellationToken asked) =>
        failure is WebSocketException or IOException or ObjectDisposedException
        || (failure is OperationCanceledException && !asked.IsCancellationRequested);

    private static string Shortened(string reason)
    {
        int length = reason.Length;
        while (Encoding.UTF8.GetByteCount(reason.AsSpan(0, length)) > LargestReasonBytes)
            length--;
        if (length > 0 && char.IsHighSurrogate(reason[length - 1]))
            length--;
        return reason[..length];
    }
}
