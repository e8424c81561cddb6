using System.Buffers;
using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using EdgeSplit.Numerics;
using EdgeSplit.Wire.Protocol;
using Google.Protobuf;

namespace EdgeSplit.Wire;

/// <summary>
/// The frames that come over a WebSocket, one after the other: a header, then its payload, straight into the memory it is for.
/// </summary>
/// <param name="socket">The connection; to end a read under way, abort it.</param>
/// <param name="clock">Measures how fast payloads come.</param>
/// <param name="bufferBytes">The most that is decoded at a time.</param>
internal sealed class FrameReader(WebSocket socket, TimeProvider clock, int bufferBytes)
{
    /// <summary>The last part of a payload whose rate is measured: what came in a burst before it tells nothing.</summary>
    public const double MeasuredFraction = 0.75;

    /// <summary>At least so much of it is left to measure, however long the burst that the clock would start in.</summary>
    private const double LeastMeasuredFraction = 0.5;

    /// <summary>What is read sooner than this after what was read before had come with it: in the same record, or the same piece.</summary>
    private static readonly TimeSpan BurstGap = TimeSpan.FromMilliseconds(1);

    private const int DrainBytes = 16 * 1024;
    private const int LeastMeasuredBytes = 64 * 1024;
    private const long LargestDiscardedBytes = 16 * 1024 * 1024;

    private static readonly MessageParser<FrameHeader> HeaderParser = FrameHeader.Parser.WithDiscardUnknownFields(true);

    private readonly byte[] prefix = new byte[sizeof(uint)];
    private long bytesReceived;
    private bool endOfMessage;
    private long payloadBytes;
    private long payloadLeft;
    private long markedLeft;
    private long markedAt;
    private bool isInBurst;

    /// <summary>Bytes taken from the WebSocket.</summary>
    public long BytesReceived => Volatile.Read(ref bytesReceived);

    /// <summary>How fast the last payload came; nothing where it was too short to tell.</summary>
    public Flow LastFlow { get; private set; }

    /// <summary>Holds reading to a rate, as a slower link would; null for no limit.</summary>
    public Pacer? Pacer { get; init; }

    /// <summary>The next frame's header; null when the other end has closed as it should. The payload before must have been read.</summary>
    /// <exception cref="ProtocolException">What came is no header.</exception>
    /// <exception cref="ConnectionLostException">The connection broke.</exception>
    public async ValueTask<FrameHeader?> ReadHeaderAsync()
    {
        if (payloadLeft > 0)
            throw new InvalidOperationException($"{payloadLeft} bytes of the payload are still to be read.");
        endOfMessage = false;
        if (!await TryFillAsync(prefix).ConfigureAwait(false))
            return null;
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(prefix);
        if (length is 0 or > FrameConnection.LargestHeaderBytes)
            throw new ProtocolException($"Expected a header of 1 to {FrameConnection.LargestHeaderBytes} bytes, received one that claims {length}.");
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
    public async ValueTask ReadPayloadAsync(Memory<byte> target)
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
    public async ValueTask ReadEncodedAsync(HostTensor target, TensorEncoding encoding)
    {
        int elements = target.ByteCount / sizeof(float);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Min(elements * sizeof(ushort), bufferBytes));
        try
        {
            for (int done = 0; done < elements;)
            {
                int count = Math.Min(elements - done, buffer.Length / sizeof(ushort));
                Memory<byte> encoded = buffer.AsMemory(0, count * sizeof(ushort));
                await ReadPayloadAsync(encoded).ConfigureAwait(false);
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
    public async ValueTask DrainPayloadAsync()
    {
        if (payloadLeft == 0)
            return;
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(payloadLeft, DrainBytes));
        try
        {
            while (payloadLeft > 0)
                await ReadPayloadAsync(buffer.AsMemory(0, (int)Math.Min(payloadLeft, buffer.Length))).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>After a fault, lets the other end read why before the connection ends: reads what is under way, up to a bound.</summary>
    public async ValueTask DiscardAsync()
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
        catch (Exception failure) when (FrameConnection.IsLoss(failure, CancellationToken.None))
        {
            // The connection is at its end either way.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
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
        catch (Exception failure) when (FrameConnection.IsLoss(failure, CancellationToken.None))
        {
            throw new ConnectionLostException($"The connection broke: {failure.Message}", failure);
        }
    }

    private async ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> target)
    {
        if (Pacer is { } pacer && !target.IsEmpty)
            target = target[..Math.Min(target.Length, pacer.PieceBytes(bufferBytes))];
        ValueWebSocketReceiveResult result = await socket.ReceiveAsync(target, CancellationToken.None).ConfigureAwait(false);
        if (result.MessageType == WebSocketMessageType.Text)
            throw new ProtocolException("Expected a binary message, received a text.");
        endOfMessage = result.EndOfMessage;
        Volatile.Write(ref bytesReceived, bytesReceived + result.Count);
        if (Pacer is not null)
            await Pacer.PaceAsync(result.Count, CancellationToken.None).ConfigureAwait(false);
        if (payloadLeft > 0)
            Measure(result.Count);
        return result;
    }

    /// <summary>
    /// The clock starts when <see cref="MeasuredFraction"/> is still to come, at the end of a burst as it will stop at the end of one: what
    /// else came with the last bytes before it took no time of the link's.
    /// </summary>
    private void Measure(int count)
    {
        payloadLeft -= count;
        if (payloadBytes < LeastMeasuredBytes || payloadLeft > payloadBytes * MeasuredFraction)
            return;
        long now = clock.GetTimestamp();
        if (payloadLeft == 0)
        {
            if (markedLeft > 0)
                LastFlow = new Flow(markedLeft * 8.0, clock.GetElapsedTime(markedAt, now).TotalSeconds);
        }
        else if (markedLeft == 0 || (isInBurst && payloadLeft > payloadBytes * LeastMeasuredFraction && clock.GetElapsedTime(markedAt, now) < BurstGap))
        {
            (markedLeft, markedAt, isInBurst) = (payloadLeft, now, true);
        }
        else
        {
            isInBurst = false;
        }
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
        catch (Exception failure) when (FrameConnection.IsLoss(failure, CancellationToken.None))
        {
            throw new ConnectionLostException($"The connection broke: {failure.Message}", failure);
        }
    }
}
