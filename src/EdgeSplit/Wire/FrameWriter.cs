using System.Buffers;
using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using EdgeSplit.Wire.Protocol;
using Google.Protobuf;

namespace EdgeSplit.Wire;

/// <summary>
/// One frame on its way out, in fragments that a pacer spaces. Large tensors go from where they are; headers, small tensors and
/// encoded ones through a pooled buffer.
/// </summary>
/// <param name="socket">The connection; to end a send under way, abort it.</param>
/// <param name="fragmentBytes">The most a fragment carries.</param>
/// <param name="pacer">Spaces the fragments; null for none.</param>
/// <param name="pacing">Ends the pacer's waits.</param>
internal sealed class FrameWriter(WebSocket socket, int fragmentBytes, Pacer? pacer, CancellationToken pacing)
{
    /// <summary>Less is copied together: a WebSocket fragment of its own would cost more.</summary>
    private const int SmallBytes = 16 * 1024;

    private byte[] staging = [];
    private int capacity;
    private int staged;
    private long left;

    /// <returns>The frame's bytes.</returns>
    /// <exception cref="InvalidOperationException">The header is longer than any receiver takes.</exception>
    public async ValueTask<long> WriteAsync(FrameHeader header, IReadOnlyList<PayloadPart> parts)
    {
        int head = sizeof(uint) + CheckedSize(header);
        long total = head + (long)header.PayloadBytes;
        left = total;
        capacity = (int)Math.Min(total, Math.Max(fragmentBytes, head));
        staging = ArrayPool<byte>.Shared.Rent(capacity);
        try
        {
            BinaryPrimitives.WriteInt32LittleEndian(staging, head - sizeof(uint));
            header.WriteTo(staging.AsSpan(sizeof(uint)..head));
            staged = head;
            foreach (PayloadPart part in parts)
            {
                if (part.Encoding != TensorEncoding.Float32)
                    await EncodeAsync(part).ConfigureAwait(false);
                else if (part.Bytes.Length <= Math.Min(SmallBytes, capacity))
                    await CopyAsync(part.Bytes).ConfigureAwait(false);
                else
                    await PassOnAsync(part.Bytes).ConfigureAwait(false);
            }

            await FlushAsync().ConfigureAwait(false);
            return total;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(staging);
        }
    }

    private static int CheckedSize(FrameHeader header)
    {
        int bytes = header.CalculateSize();
        return bytes <= FrameConnection.LargestHeaderBytes
            ? bytes
            : throw new InvalidOperationException(
                $"The header of {header.ContentCase} has {bytes} bytes; {FrameConnection.LargestHeaderBytes} is the most there can be.");
    }

    private async ValueTask EncodeAsync(PayloadPart part)
    {
        for (int done = 0; done < part.Bytes.Length;)
        {
            int elements = Math.Min((part.Bytes.Length - done) / sizeof(float), (capacity - staged) / sizeof(ushort));
            if (elements == 0)
            {
                await FlushAsync().ConfigureAwait(false);
                continue;
            }

            TensorCoding.Encode(
                MemoryMarshal.Cast<byte, float>(part.Bytes.Span.Slice(done, elements * sizeof(float))),
                MemoryMarshal.Cast<byte, ushort>(staging.AsSpan(staged, elements * sizeof(ushort))),
                part.Encoding);
            staged += elements * sizeof(ushort);
            done += elements * sizeof(float);
        }
    }

    private async ValueTask CopyAsync(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > capacity - staged)
            await FlushAsync().ConfigureAwait(false);
        bytes.CopyTo(staging.AsMemory(staged));
        staged += bytes.Length;
    }

    private async ValueTask PassOnAsync(ReadOnlyMemory<byte> bytes)
    {
        await FlushAsync().ConfigureAwait(false);
        await SendAsync(bytes).ConfigureAwait(false);
    }

    private async ValueTask FlushAsync()
    {
        if (staged > 0)
            await SendAsync(staging.AsMemory(0, staged)).ConfigureAwait(false);
        staged = 0;
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int piece = Math.Min(bytes.Length, pacer?.PieceBytes(fragmentBytes) ?? fragmentBytes);
            if (pacer is not null)
                await pacer.PaceAsync(piece, pacing).ConfigureAwait(false);
            left -= piece;
            await socket.SendAsync(bytes[..piece], WebSocketMessageType.Binary, endOfMessage: left == 0, CancellationToken.None).ConfigureAwait(false);
            bytes = bytes[piece..];
        }
    }
}
