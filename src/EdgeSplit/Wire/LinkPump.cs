using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;
using EdgeSplit.Wire.Protocol;

namespace EdgeSplit.Wire;

/// <summary>One connection of a link, at work: a loop that sends, one that receives, one that listens for silence.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "A cancelled source without a timer holds nothing.")]
internal sealed class LinkPump(ResumableLink link, FrameConnection connection, LinkOptions options)
{
    /// <summary>Of heartbeats.</summary>
    private const int SilenceAllowed = 3;

    /// <summary>For the last words of a link that closed.</summary>
    private static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource stop = new();
    private readonly FrameReceiver receiver = new(link, connection, options);
    private ITimer? closing;
    private string? abortReason;
    private Exception? failure;

    /// <summary>When nothing of it reads or writes any more.</summary>
    public Task Ended => ended.Task;

    /// <returns>When the link has closed as it should.</returns>
    public async Task RunAsync(ulong peerReceived, CancellationToken cancellation)
    {
        try
        {
            using (cancellation.UnsafeRegister(_ => Abort("The connection was given up."), null))
            {
                Resume(peerReceived);
                Task listening = ListenAsync();
                await Task.WhenAll(WatchAsync(SendAsync), WatchAsync(ReceiveAsync)).ConfigureAwait(false);
                await stop.CancelAsync().ConfigureAwait(false);
                await listening.ConfigureAwait(false);
            }
        }
        finally
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            if (closing is not null)
                await closing.DisposeAsync().ConfigureAwait(false);
            link.Measures.ConnectionChanged();
            ended.TrySetResult();
        }

        cancellation.ThrowIfCancellationRequested();
        if (failure is not (null or ConnectionLostException))
            throw failure;
        if (link.Closed is null)
            throw new ConnectionLostException(abortReason ?? failure?.Message ?? "The connection ended.", failure);
    }

    /// <summary>Ends the connection and waits until it has.</summary>
    public Task StopAsync(string reason)
    {
        Abort(reason);
        return Ended;
    }

    /// <summary>Ends the connection at once.</summary>
    public void Abort(string reason)
    {
        Interlocked.CompareExchange(ref abortReason, reason, null);
        connection.Abort();
        stop.Cancel();
    }

    /// <summary>The link has closed: what is left is to say so, in a time.</summary>
    public void OnClosed()
    {
        lock (link.Gate)
            closing ??= options.Clock.CreateTimer(_ => Abort("The link was closed."), null, ClosingTime, Timeout.InfiniteTimeSpan);
    }

    private void Resume(ulong peerReceived)
    {
        try
        {
            lock (link.Gate)
            {
                link.Controls.Clear();
                link.Measures.ConnectionChanged();
                link.Outbox.Resume(peerReceived);
            }
        }
        catch (ProtocolException violation)
        {
            failure = violation;
            link.Close(violation);
        }

        if (link.Closed is not null)
            OnClosed();
    }

    /// <summary>A loop that fails ends the other one: with a connection that is lost, or with a refusal, which is the last word.</summary>
    private async Task WatchAsync(Func<Task> loop)
    {
        try
        {
            await loop().ConfigureAwait(false);
        }
        catch (RefusedException refusal)
        {
            failure ??= refusal;
        }
#pragma warning disable CA1031 // Whatever it is, it is thrown by RunAsync.
        catch (Exception cause)
#pragma warning restore CA1031
        {
            failure ??= cause;
            if (cause is not ConnectionLostException)
                link.Close(cause);
            Abort(cause.Message);
        }
    }

    private async Task SendAsync()
    {
        try
        {
            while (true)
            {
                FrameHeader? control;
                Outgoing? message = null;
                lock (link.Gate)
                {
                    control = link.Controls.Take();
                    if (control is null && link.Closed is null && (message = link.Outbox.Next()) is not null)
                        link.Outbox.BeginSending(message);
                }

                if (control is not null)
                    await SendAsync(control).ConfigureAwait(false);
                else if (message is not null)
                    await SendAsync(message).ConfigureAwait(false);
                else if (link.Closed is { } closed)
                {
                    await SayLastWordsAsync(closed).ConfigureAwait(false);
                    return;
                }
                else
                    await link.Outgoing.WaitAsync(stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The other loop has ended.
        }
    }

    private async Task SendAsync(FrameHeader control)
    {
        if (control.Ping is not null)
            receiver.PingSent(control.Ping.Id);
        long before = connection.BytesSent;
        await connection.SendAsync(control, LinkMeasures.PayloadOf(control), link.Measures.Pacer, stop.Token).ConfigureAwait(false);
        link.Meter.CountSent(connection.BytesSent - before, payload: 0);
    }

    private async Task SendAsync(Outgoing message)
    {
        long before = connection.BytesSent;
        try
        {
            long wait = message.NotBefore - options.Clock.GetTimestamp();
            if (wait > 0 && message.NotBefore > 0)
                await Task.Delay(options.Clock.GetElapsedTime(0, wait), options.Clock, stop.Token).ConfigureAwait(false);
            link.Rates.BeginSend((long)message.Header.PayloadBytes);
            await connection.SendAsync(message.Header, message.Parts, link.Pacer, stop.Token).ConfigureAwait(false);
            link.Meter.CountSent(connection.BytesSent - before, (long)message.Header.PayloadBytes);
        }
        finally
        {
            link.Rates.EndSend();
            lock (link.Gate)
                message.EndSending();
        }
    }

    private async Task SayLastWordsAsync(LinkClosedException closed)
    {
        if (receiver.HasHeardLastWords)
        {
            await connection.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, string.Empty).ConfigureAwait(false);
            return;
        }

        (FrameHeader words, WebSocketCloseStatus status) = closed.InnerException switch
        {
            null => (new FrameHeader { Goodbye = new Goodbye { Reason = closed.Message } }, WebSocketCloseStatus.NormalClosure),
            RefusedException refusal => (Handshake.ErrorFrame(refusal.Code, refusal.Message), WebSocketCloseStatus.PolicyViolation),
            ProtocolException violation => (Handshake.ErrorFrame(ErrorCode.Protocol, violation.Message), WebSocketCloseStatus.PolicyViolation),
            // What went wrong inside is not the other end's to know.
            _ => (Handshake.ErrorFrame(ErrorCode.Internal, $"The {link.End} failed."), WebSocketCloseStatus.InternalServerError),
        };
        await SendAsync(words).ConfigureAwait(false);
        await connection.CloseOutputAsync(status, closed.Message).ConfigureAwait(false);
    }

    private async Task ReceiveAsync()
    {
        try
        {
            await receiver.RunAsync().ConfigureAwait(false);
        }
        catch (ProtocolException violation)
        {
            failure ??= violation;
            link.Close(violation);
            await connection.DiscardAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Asks from time to time whether the other end is there, and gives the connection up when nothing is heard.</summary>
    private async Task ListenAsync()
    {
        long heard = connection.BytesReceived;
        int silent = 0;
        ulong id = 0;
        try
        {
            while (true)
            {
                await Task.Delay(options.Heartbeat, options.Clock, stop.Token).ConfigureAwait(false);
                silent = connection.BytesReceived == heard ? silent + 1 : 0;
                heard = connection.BytesReceived;
                if (silent >= SilenceAllowed)
                    Abort($"Nothing was heard for {options.Heartbeat.TotalSeconds * SilenceAllowed:0.#} s.");
                lock (link.Gate)
                    link.Controls.Add(new Ping { Id = ++id });
                link.Outgoing.Set();
            }
        }
        catch (OperationCanceledException)
        {
            // The connection ended.
        }
    }
}
