using System.Net.WebSockets;

namespace EdgeSplit.Tests.Wire;

/// <summary>A connection on which one message comes, and then the end; what is sent over it goes nowhere.</summary>
internal sealed class ScriptedSocket(ReadOnlyMemory<byte> message) : WebSocket
{
    private ReadOnlyMemory<byte> left = message;
    private int read;
    private bool isDone;

    /// <summary>Called before every read with the bytes read so far.</summary>
    public Action<int>? Reading { get; init; }

    public override WebSocketCloseStatus? CloseStatus => null;

    public override string? CloseStatusDescription => null;

    public override WebSocketState State => WebSocketState.Open;

    public override string? SubProtocol => null;

    public override void Abort() => isDone = true;

    public override void Dispose() => Abort();

    public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

    public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    public override ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (isDone)
            return ValueTask.FromResult(new ValueWebSocketReceiveResult(0, WebSocketMessageType.Close, endOfMessage: true));
        Reading?.Invoke(read);
        int count = Math.Min(buffer.Length, left.Length);
        left[..count].CopyTo(buffer);
        left = left[count..];
        read += count;
        isDone = left.IsEmpty;
        return ValueTask.FromResult(new ValueWebSocketReceiveResult(count, WebSocketMessageType.Binary, endOfMessage: isDone));
    }

    public override ValueTask SendAsync(
        ReadOnlyMemory<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;

    public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public override Task SendAsync(
        ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
