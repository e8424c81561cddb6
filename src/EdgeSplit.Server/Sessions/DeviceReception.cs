using System.Net.WebSockets;
using EdgeSplit.Training;
using EdgeSplit.Wire;
using EdgeSplit.Wire.Protocol;
using Microsoft.Extensions.Logging;

namespace EdgeSplit.Server.Sessions;

/// <summary>Takes devices in, each under its own name only, and carries their connections, from the hello to the end.</summary>
/// <param name="sessions">Those that are there.</param>
/// <param name="clock">Times out.</param>
/// <param name="logger">Told who comes and goes.</param>
internal sealed partial class DeviceReception(DeviceSessions sessions, TimeProvider clock, ILogger<DeviceReception> logger)
{
    /// <summary>From the connection to the hello.</summary>
    private static readonly TimeSpan HelloPatience = TimeSpan.FromSeconds(10);

    /// <summary>From the welcome to the device's word on it: it may have many samples to look at.</summary>
    private static readonly TimeSpan AcceptPatience = TimeSpan.FromSeconds(60);

    private readonly Lock gate = new();
    private readonly HashSet<Task> connections = [];
    private readonly FleetTerms terms = sessions.Terms;

    /// <summary>Carries one connection of a device, from its hello to its end.</summary>
    /// <param name="socket">Just accepted.</param>
    /// <param name="owner">The name that the connection's token is for.</param>
    /// <param name="address">Where it comes from, for people.</param>
    /// <param name="cancellation">Ends the connection.</param>
    public async Task ServeAsync(WebSocket socket, string owner, string address, CancellationToken cancellation)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
            connections.Add(done.Task);
        FrameConnection connection = new(socket, clock);
        try
        {
            await using (connection.ConfigureAwait(false))
                await ServeAsync(connection, owner, address, cancellation).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ProtocolException or RefusedException or ConnectionLostException or WebSocketException)
        {
            LogEnded(owner, exception.Message);
        }
        finally
        {
            lock (gate)
                connections.Remove(done.Task);
            done.SetResult();
        }
    }

    /// <summary>Waits until the connections there are have ended, though not for ever.</summary>
    public async Task WaitUntilEmptyAsync(TimeSpan patience)
    {
        Task[] open;
        lock (gate)
            open = [.. connections];
        await Task.WhenAny(Task.WhenAll(open), Task.Delay(patience, clock)).ConfigureAwait(false);
    }

    private async Task ServeAsync(FrameConnection connection, string owner, string address, CancellationToken cancellation)
    {
        Hello hello = await Handshake.ReceiveHelloAsync(connection, HelloPatience, clock, cancellation).ConfigureAwait(false);
        int device;
        DeviceSession session;
        try
        {
            device = DeviceOf(hello, owner);
            session = sessions.Open(device, hello, address, out string? takenFrom);
            if (takenFrom is not null)
                LogTaken(owner, address, takenFrom);
        }
        catch (RefusedException refusal)
        {
            LogRefused(owner, refusal.Message);
            if (refusal.Code != ErrorCode.NotNow)
                sessions.Notices.Tell(new DeviceRefused(owner, refusal.Message));
            await Handshake.RefuseAsync(connection, refusal.Code, refusal.Message, HelloPatience, clock, cancellation).ConfigureAwait(false);
            return;
        }

        // What the device received of another session, perhaps of a server that is gone, says nothing of this one.
        bool isBack = hello.Session == session.Id;
        if (!await IsAcceptedAsync(connection, device, session, cancellation).ConfigureAwait(false))
            return;
        if (isBack && session.Lost is { } lost)
            LogBack(owner, address, clock.GetElapsedTime(lost.Timestamp).TotalSeconds, lost.Reason.TrimEnd('.'));
        else
            LogJoined(owner, hello.Samples);
        try
        {
            await session.Link.RunAsync(connection, isBack ? hello.Received : 0, cancellation).ConfigureAwait(false);
            // The link ended in order: the device left.
            sessions.End(device, session.Link, cause: null);
            LogLeft(owner);
        }
        catch (Exception end) when (end is ProtocolException or RefusedException)
        {
            sessions.End(device, session.Link, end);
            throw;
        }
        catch (ConnectionLostException end)
        {
            session.Lost = (end.Message, clock.GetTimestamp());
            throw;
        }
    }

    /// <summary>Tells the device the terms, and hears whether it takes them.</summary>
    private async Task<bool> IsAcceptedAsync(FrameConnection connection, int device, DeviceSession session, CancellationToken cancellation)
    {
        try
        {
            await Handshake.WelcomeAsync(connection, terms.WelcomeTo(device, session), terms.ModelText, terms.ContractText).ConfigureAwait(false);
            await Handshake.ReceiveAcceptAsync(connection, AcceptPatience, clock, cancellation).ConfigureAwait(false);
            sessions.Accept(device, session);
            return true;
        }
        catch (RefusedException refusal) when (refusal.Code != ErrorCode.NotNow)
        {
            LogDeclined(terms.Names[device], refusal.Message);
            sessions.Refuse(device, session, refusal);
            return false;
        }
        catch (Exception end) when (end is ProtocolException or RefusedException)
        {
            sessions.End(device, session.Link, end);
            throw;
        }
        catch (ConnectionLostException) when (!session.IsReady)
        {
            // It begins another session when it is back.
            sessions.End(device, session.Link, cause: null);
            throw;
        }
    }

    /// <exception cref="RefusedException">What the device says of itself is not what it must be.</exception>
    private int DeviceOf(Hello hello, string owner)
    {
        if (hello.Device != owner)
            throw new RefusedException(ErrorCode.Identity, "the token is not this device's");
        int device = terms.Names.TakeWhile(name => name != owner).Count();
        if (device == terms.Names.Count)
        {
            throw new RefusedException(
                ErrorCode.Identity, $"the fleet has no device '{owner}'; add it to the experiment, or start the server with --any");
        }

        RefusedException? unfit = hello switch
        {
            _ when hello.Version != Handshake.Version => new(ErrorCode.Version, Handshake.VersionProblem(Handshake.Version, hello.Version)),
            { Samples: 0 or > int.MaxValue } => new(ErrorCode.Unsuitable, $"{hello.Samples} training samples are none to train with"),
            _ when !hello.Encodings.Contains(terms.Encoding.ToProtocol()) => new(ErrorCode.Unsuitable, $"the device cannot read or write {terms.Encoding}"),
            _ => null,
        };
        if (unfit is null)
            return device;
        sessions.TurnAway(device, unfit);
        throw unfit;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Device} joined with {Samples} training samples")]
    private partial void LogJoined(string device, ulong samples);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Device} is back from {Address} after {Seconds:0.0} s: {Reason}")]
    private partial void LogBack(string device, string address, double seconds, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Another process joined as {Device} with the same token, from {Address}; it takes the place of the one from {Before}, which is told to end")]
    private partial void LogTaken(string device, string address, string before);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Device} left")]
    private partial void LogLeft(string device);

    [LoggerMessage(Level = LogLevel.Information, Message = "Refused {Device}: {Reason}")]
    private partial void LogRefused(string device, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Device} does not take the terms: {Reason}")]
    private partial void LogDeclined(string device, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A connection of {Device} ended: {Reason}")]
    private partial void LogEnded(string device, string reason);
}
