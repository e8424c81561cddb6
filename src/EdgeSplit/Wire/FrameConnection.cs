using System.Net.WebSockets;
using EdgeSplit.Wire.Protocol;

namespace EdgeSplit.Wire;

/// <summary>
/// A WebSocket as frames, one a message: the header's length (4 bytes, little-endian), the header (protobuf), the payload. One
/// sender and one receiver at a time.
/// </summary>
public sealed class FrameConnection(WebSocket socket, int fragmentBytes = FrameConnection.DefaultFragmentBytes) : IAsyncDisposable
{
    /// <summary>With a WebSocket's own header, what fits a pooled buffer of 128 KiB.</summary>
    public const int DefaultFragmentBytes = (128 * 1024) - 16;

    /// <summary>A longer header is refused unread.</summary>
    public const int LargestHeaderBytes = 64 * 1024;

    public int FragmentBytes => fragmentBytes;

    /// <summary>Bytes given to the WebSocket.</summary>
    public long BytesSent { get; }

    /// <summary>Bytes taken from the WebSocket.</summary>
    public long BytesReceived { get; }

    /// <summary>Sends a frame.</summary>
    public ValueTask SendAsync(FrameHeader header, ReadOnlyMemory<byte> payload, CancellationToken cancellation) =>
        throw new NotImplementedException();

    /// <summary>The next frame's header; null when the other end has closed as it should.</summary>
    /// <exception cref="ProtocolException">It is none.</exception>
    public ValueTask<FrameHeader?> ReceiveHeaderAsync(CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>The next bytes of the payload.</summary>
    public ValueTask ReceivePayloadAsync(Memory<byte> target, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Ends the connection at once.</summary>
    public void Abort() => socket.Abort();

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
