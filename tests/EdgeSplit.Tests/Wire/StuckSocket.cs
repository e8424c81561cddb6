using System.Net.WebSockets;

namespace EdgeSplit.Tests.Wire;

/// <summary>A connection whose other end has stopped reading and says nothing, until it is aborted.</summary>
internal sealed class StuckSocket : WebSocket
{
    private readonly TaskCompletionSource sending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Something is being sent.</summary>
    public Task Sending => sending.Task;

    public override WebSocketCloseStatus? CloseStatus => null;

    public override string? CloseStatusDescription => null;

    public override WebSocketState State => aborted.Task.IsCompleted ? WebSocketState.Aborted : WebSocketState.Open;

    public override string? SubProtocol => null;

    public override void Abort() => aborted.TrySetResult();

    public override void Dispose() => Abort();

    public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => StandAsync();

    public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => StandAsync();

    public override async Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken)
    {
        await StandAsync();
        throw new WebSocketException(WebSocketError.ConnectionClosedPrematurely);
    }

    public override async Task SendAsync(
        ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
    {
        sending.TrySetResult();
        await StandAsync();
    }

    private async Task StandAsync()
    {
        await aborted.Task;
        throw new WebSocketException(WebSocketError.ConnectionClosedPrematurely);
    }
}
