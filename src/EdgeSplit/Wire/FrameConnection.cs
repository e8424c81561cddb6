using System.Buffers;
using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Text;
using EdgeSplit.Numerics;
using EdgeSplit.Wire.Protocol;
using Google.Protobuf;

namespace EdgeSplit.Wire;

/// <summary>
/// A WebSocket as frames, one a message: the header's length (4 bytes, little-endian), the header (protobuf), the payload. One
/// sender and one receiver at a time; idle, it holds no buffers. Whatever ends a connection is a <see cref="ConnectionLostException"/>.
/// </summary>
public sealed class FrameConnection : IAsyncDisposable
{
    /// <summary>With the WebSocket's own header, what fits a pooled buffer of 128 KiB.</summary>
    public const int DefaultFragmentBytes = (128 * 1024) - 16;

    /// <summary>A longer header is refused unread.</summary>
    public const int LargestHeaderBytes = 64 * 1024;

    /// <summary>The last part of a payload whose rate is measured: what came in a burst before it tells nothing.</summary>
    internal const double MeasuredFraction = 0.75;

    private const int LargestReasonBytes = 123;
    private const int DrainBytes = 16 * 1024;
    private const int LeastMeasuredBytes = 64 * 1024;
    private const long LargestDiscardedBytes = 16 * 1024 * 1024;

    private static readonly MessageParser<FrameHeader> HeaderParser = FrameHeader.Parser.WithDiscardUnknownFields(true);

    private readonly WebSocket socket;
    private readonly int fragmentBytes;
    private readonly TimeProvider clock;
    private readonly byte[] prefix = new byte[sizeof(uint)];
    private long bytesSent;
    private long bytesReceived;
    private bool endOfMessage;
    private long payloadBytes;
    private long payloadLeft;
    private long markedLeft;
    private long markedAt;

    /// <param name="socket">Open, and not to be used by anyone else; without keep-alive frames of its own.</param>
    /// <param name="clock">Measures how fast payloads come.</param>
    /// <param name="fragmentBytes">The most a WebSocket fragment carries.</param>
    public FrameConnection(WebSocket socket, TimeProvider clock, int fragmentBytes = DefaultFragmentBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(fragmentBytes);
        this.socket = socket;
        this.clock = clock;
        this.fragmentBytes = fragmentBytes;
    }

    /// <summary>Bytes given to the WebSocket.</summary>
    public long BytesSent => Volatile.Read(ref bytesSent);

    /// <summary>Bytes taken from the WebSocket.</summary>
    public long BytesReceived => Volatile.Read(ref bytesReceived);

    /// <summary>How fast the last payload came; nothing where it was too short to tell.</summary>
    public Flow LastFlow { get; private set; }

    /// <summary>Holds reading to a rate, as a slower link would; null for no limit.</summary>
    internal Pacer? ReadPacer { get; init; }

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
    public async ValueTask<FrameHeader?> ReceiveHeaderAsync()
    {
        if (payloadLeft > 0)
            throw new InvalidOperationException($"{payloadLeft} bytes of the payload are still to be read.");
        endOfMessage = false;
        if (!await TryFillAsync(prefix).ConfigureAwait(false))
            return null;
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(prefix);
        if (length is 0 or > LargestHeaderBytes)
            throw new ProtocolException($"Expected a header of 1 to {LargestHeaderBytes} bytes, received one that claims {length}.");
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)length);
        try
        {
            await FillAsync(buffer.AsMemory(0, (int)length)).ConfigureAwait(false);
            FrameHeader header = Parse(buffer.AsSpan(0, (int)length));
            payloadBytes = payloadLeft = (long)Math.Min(header.PayloadBytes, long.MaxValue);
            markedLeft = 0;
            LastFlow = default;
            if (payloadLeft == 0)
                await EndFrameAsync().ConfigureAwait(false);
            return header;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads the next bytes of the payload, as many as <paramref name="target"/> holds.</summary>
    /// <exception cref="ProtocolException">The payload ends before.</exception>
    /// <exception cref="ConnectionLostException">The connection broke.</exception>
    public async ValueTask ReceivePayloadAsync(Memory<byte> target)
    {
        if (target.Length > payloadLeft)
            throw new ProtocolException($"Expected {target.Length} bytes more, but the frame claims {payloadLeft}.");
        if (target.IsEmpty)
            return;
        await FillAsync(target).ConfigureAwait(false);
        if (payloadLeft == 0)
            await EndFrameAsync().ConfigureAwait(false);
    }

    /// <summary>Reads the elements of a float32 tensor that were encoded on the way.</summary>
    internal async ValueTask ReceiveEncodedAsync(HostTensor target, TensorEncoding encoding)
    {
        int elements = target.ByteCount / sizeof(float);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Min(elements * sizeof(ushort), fragmentBytes));
        try
        {
            for (int done = 0; done < elements;)
            {
                int count = Math.Min(elements - done, buffer.Length / sizeof(ushort));
                Memory<byte> encoded = buffer.AsMemory(0, count * sizeof(ushort));
                await ReceivePayloadAsync(encoded).ConfigureAwait(false);
                TensorCoding.Decode(MemoryMarshal.Cast<byte, ushort>(encoded.Span), target.As<float>().Slice(done, count), encoding);
                done += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads what is left of the payload to no end.</summary>
    internal async ValueTask DrainPayloadAsync()
    {
        if (payloadLeft == 0)
            return;
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(payloadLeft, DrainBytes));
        try
        {
            while (payloadLeft > 0)
                await ReceivePayloadAsync(buffer.AsMemory(0, (int)Math.Min(payloadLeft, buffer.Length))).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>After a fault, lets the other end read why before the connection ends: reads what is under way, up to a bound.</summary>
    internal async ValueTask DiscardAsync()
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(DrainBytes);
        try
        {
            for (long left = LargestDiscardedBytes; left > 0;)
            {
                ValueWebSocketReceiveResult result = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None).ConfigureAwait(false);
                if (result.MessageType == WebSocketMessageType.Close)
                    return;
                left -= Math.Max(1, result.Count);
            }
        }
        catch (Exception failure) when (IsLoss(failure, CancellationToken.None))
        {
            // The connection is at its end either way.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

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

    private static FrameHeader Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return HeaderParser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException malformed)
        {
            throw new ProtocolException($"Expected a frame's header, received what is none: {malformed.Message}");
        }
    }

    private async ValueTask FillAsync(Memory<byte> target)
    {
        if (!await TryFillAsync(target).ConfigureAwait(false))
            throw new ConnectionLostException("The other end closed the connection in the middle of a frame.");
    }

    /// <returns>False where the other end has closed.</returns>
    private async ValueTask<bool> TryFillAsync(Memory<byte> target)
    {
        int filled = 0;
        try
        {
            while (filled < target.Length)
            {
                if (endOfMessage)
                    throw new ProtocolException($"Expected {target.Length - filled} bytes more, but the frame ended.");
                ValueWebSocketReceiveResult result = await ReceiveAsync(target[filled..]).ConfigureAwait(false);
                if (result.MessageType == WebSocketMessageType.Close)
                    return filled == 0 ? false : throw new ConnectionLostException("The other end closed the connection in the middle of a frame.");
                filled += result.Count;
            }

            return true;
        }
        catch (Exception failure) when (IsLoss(failure, CancellationToken.None))
        {
            throw new ConnectionLostException($"The connection broke: {failure.Message}", failure);
        }
    }

    private async ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> target)
    {
        if (ReadPacer is { } pacer && !target.IsEmpty)
            target = target[..Math.Min(target.Length, pacer.PieceBytes(fragmentBytes))];
        ValueWebSocketReceiveResult result = await socket.ReceiveAsync(target, CancellationToken.None).ConfigureAwait(false);
        if (result.MessageType == WebSocketMessageType.Text)
            throw new ProtocolException("Expected a binary message, received a text.");
        endOfMessage = result.EndOfMessage;
        Volatile.Write(ref bytesReceived, bytesReceived + result.Count);
        if (ReadPacer is not null)
            await ReadPacer.PaceAsync(result.Count, CancellationToken.None).ConfigureAwait(false);
        if (payloadLeft > 0)
            Measure(result.Count);
        return result;
    }

    /// <summary>The clock starts when <see cref="MeasuredFraction"/> is still to come.</summary>
    private void Measure(int count)
    {
        payloadLeft -= count;
        if (markedLeft == 0 && payloadBytes >= LeastMeasuredBytes && payloadLeft > 0 && payloadLeft <= payloadBytes * MeasuredFraction)
            (markedLeft, markedAt) = (payloadLeft, clock.GetTimestamp());
        else if (payloadLeft == 0 && markedLeft > 0)
            LastFlow = new Flow(markedLeft * 8.0, clock.GetElapsedTime(markedAt).TotalSeconds);
    }

    /// <summary>After the last byte that was claimed, the message must end: perhaps in a fragment without bytes.</summary>
    private async ValueTask EndFrameAsync()
    {
        try
        {
            while (!endOfMessage)
            {
                ValueWebSocketReceiveResult result = await ReceiveAsync(prefix).ConfigureAwait(false);
                if (result.Count > 0)
                    throw new ProtocolException($"Expected a payload of {payloadBytes} bytes, received more.");
                if (result.MessageType == WebSocketMessageType.Close)
                    throw new ConnectionLostException("The other end closed in the middle of a frame.");
            }
        }
        catch (Exception failure) when (IsLoss(failure, CancellationToken.None))
        {
            throw new ConnectionLostException($"The connection broke: {failure.Message}", failure);
        }
    }

    /// <summary>Whatever a socket throws when it ends under us, but for what we threw or asked for.</summary>
    private static bool IsLoss(Exception failure, CancellationToken asked) =>
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
