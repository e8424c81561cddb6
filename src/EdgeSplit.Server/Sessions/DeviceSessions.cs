using System.Net.WebSockets;
using EdgeSplit.Wire;
using EdgeSplit.Wire.Protocol;
using Microsoft.Extensions.Logging;

namespace EdgeSplit.Server.Sessions;

/// <summary>
/// The devices that are there: takes them in, each under its own name only, carries their connections, and keeps a session over
/// as many of them as it takes.
/// </summary>
public sealed partial class DeviceSessions
{
    /// <summary>From the connection to the hello.</summary>
    private static readonly TimeSpan HelloPatience = TimeSpan.FromSeconds(10);

    /// <summary>What a person may be shown of a machine's description.</summary>
    private const int LongestMachine = 200;

    private readonly Lock gate = new();
    private readonly FleetTerms terms;
    private readonly Func<int, LinkOptions> linkOptions;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly DeviceSession?[] sessions;
    private readonly long[] samples;
    private readonly HashSet<Task> connections = [];
    private HashSet<int>? members;
    private bool isClosed;
    private TaskCompletionSource changed = NewSignal();

    /// <param name="terms">What devices are told.</param>
    /// <param name="linkOptions">Of the link to a device, by its index.</param>
    /// <param name="clock">Times out.</param>
    /// <param name="logger">Told who comes and goes.</param>
    public DeviceSessions(FleetTerms terms, Func<int, LinkOptions> linkOptions, TimeProvider clock, ILogger<DeviceSessions> logger)
    {
        this.terms = terms;
        this.linkOptions = linkOptions;
        this.clock = clock;
        this.logger = logger;
        sessions = new DeviceSession?[terms.Names.Count];
        samples = new long[terms.Names.Count];
    }

    public FleetTerms Terms => terms;

    /// <summary>The devices that are there, ascending: those with a session, connected just now or not.</summary>
    public IReadOnlyList<int> Present
    {
        get
        {
            lock (gate)
                return [.. Enumerable.Range(0, sessions.Length).Where(device => sessions[device] is not null)];
        }
    }

    /// <summary>Completes when a device comes or goes after this call.</summary>
    public Task Changed
    {
        get
        {
            lock (gate)
                return changed.Task;
        }
    }

    /// <summary>The run begins: from now on only the devices there are may come, again.</summary>
    /// <returns>Those, ascending.</returns>
    public IReadOnlyList<int> CloseFleet()
    {
        lock (gate)
        {
            IReadOnlyList<int> present = Present;
            members = [.. present];
            return present;
        }
    }

    /// <summary>Training samples of a device, as it last said, whether it is there just now or not; 0 of one that never was.</summary>
    public long SamplesOf(int device)
    {
        lock (gate)
            return samples[device];
    }

    /// <summary>What a device says of its machine.</summary>
    public string? MachineOf(int device)
    {
        lock (gate)
            return sessions[device]?.Machine is { } machine ? machine[..Math.Min(machine.Length, LongestMachine)] : null;
    }

    /// <summary>The meter of the link to a device; null while it has none.</summary>
    public LinkMeter? MeterOf(int device)
    {
        lock (gate)
            return sessions[device]?.Link.Meter;
    }

    /// <summary>The link to a device, as soon as it is there.</summary>
    /// <exception cref="LinkClosedException">The server takes nobody in any more.</exception>
    public async ValueTask<ResumableLink> LinkOfAsync(int device, CancellationToken cancellation)
    {
        while (true)
        {
            Task change;
            lock (gate)
            {
                // A link that has closed has a while to say so; its session is as good as over.
                if (sessions[device] is { Link.IsClosed: false } session)
                    return session.Link;
                if (isClosed)
                    throw new LinkClosedException("The server is closing.");
                change = changed.Task;
            }

            await change.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Ends a device's session; it may come back with a new one.</summary>
    /// <param name="device">Its index.</param>
    /// <param name="link">The session's link: a later session stays.</param>
    /// <param name="cause">What the device did that was not agreed; null where it did nothing wrong.</param>
    public void End(int device, ResumableLink link, Exception? cause)
    {
        link.Close(cause);
        lock (gate)
        {
            if (sessions[device]?.Link != link)
                return;
            sessions[device] = null;
            Signal();
        }
    }

    /// <summary>The run goes on without a device: its session ends, and it cannot come back.</summary>
    public void Dismiss(int device, string reason)
    {
        ResumableLink? link;
        lock (gate)
        {
            members?.Remove(device);
            link = sessions[device]?.Link;
        }

        if (link is not null)
            End(device, link, new RefusedException(ErrorCode.Unsuitable, reason));
    }

    /// <summary>Says goodbye to every device, or why the run failed, and waits until they are gone, though not for ever.</summary>
    public async Task CloseAsync(string? failure, TimeSpan patience)
    {
        Task[] open;
        lock (gate)
        {
            isClosed = true;
            foreach (DeviceSession? session in sessions)
                session?.Link.Close(failure is null ? null : new RefusedException(ErrorCode.Internal, failure));
            open = [.. connections];
            Signal();
        }

        await Task.WhenAny(Task.WhenAll(open), Task.Delay(patience, clock)).ConfigureAwait(false);
    }

    /// <summary>Carries one connection of a device, from its hello to its end.</summary>
    /// <param name="socket">Just accepted.</param>
    /// <param name="owner">The name that the connection's token is for.</param>
    /// <param name="cancellation">Ends the connection.</param>
    public async Task ServeAsync(WebSocket socket, string owner, CancellationToken cancellation)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
            connections.Add(done.Task);
        FrameConnection connection = new(socket, clock);
        try
        {
            await using (connection.ConfigureAwait(false))
                await ServeAsync(connection, owner, cancellation).ConfigureAwait(false);
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

    private async Task ServeAsync(FrameConnection connection, string owner, CancellationToken cancellation)
    {
        Hello hello = await Handshake.ReceiveHelloAsync(connection, HelloPatience, clock, cancellation).ConfigureAwait(false);
        int device = IndexOf(owner);
        if (RefusalOf(hello, owner, device) is { } refusal)
        {
            LogRefused(owner, refusal.Reason);
            await Handshake.RefuseAsync(connection, refusal.Code, refusal.Reason, HelloPatience, clock, cancellation).ConfigureAwait(false);
            return;
        }

        DeviceSession session = Open(device, hello);
        try
        {
            Welcome welcome = terms.WelcomeTo(device, session);
            await Handshake.WelcomeAsync(connection, welcome, terms.ModelText).ConfigureAwait(false);
            // What the device received of another session, perhaps of a server that is gone, says nothing of this one.
            ulong received = hello.Session == session.Id ? hello.Received : 0;
            await session.Link.RunAsync(connection, received, cancellation).ConfigureAwait(false);
            // The link ended in order: the device left.
            End(device, session.Link, cause: null);
            LogLeft(owner);
        }
        catch (Exception end) when (end is ProtocolException or RefusedException)
        {
            End(device, session.Link, end);
            throw;
        }
        finally
        {
            lock (gate)
                session.Connections--;
        }
    }

    /// <summary>Goes on with the session that the hello names, or begins one: the device has started anew, and the old one is over.</summary>
    private DeviceSession Open(int device, Hello hello)
    {
        DeviceSession session;
        ResumableLink? old = null;
        lock (gate)
        {
            if (sessions[device] is { } present && !hello.Session.IsEmpty && present.Id == hello.Session)
            {
                session = present;
                LogBack(terms.Names[device]);
            }
            else
            {
                old = sessions[device]?.Link;
                session = new DeviceSession(hello, new ResumableLink(LinkEnd.Server, terms.Network, linkOptions(device)));
                sessions[device] = session;
                samples[device] = (long)hello.Samples;
                LogJoined(terms.Names[device], samples[device]);
                Signal();
            }

            session.Connections++;
        }

        old?.Close(new LinkClosedException("the device started anew"));
        return session;
    }

    private (ErrorCode Code, string Reason)? RefusalOf(Hello hello, string owner, int device)
    {
        if (hello.Device != owner)
            return (ErrorCode.Identity, "the token is not this device's");
        if (device < 0)
            return (ErrorCode.Identity, $"the fleet has no device '{owner}'; add it to the experiment, or start the server with --any");
        if (hello.Samples is 0 or > int.MaxValue)
            return (ErrorCode.Unsuitable, $"{hello.Samples} training samples are none to train with");
        if (!hello.Encodings.Contains(terms.Encoding.ToProtocol()))
            return (ErrorCode.Unsuitable, $"the device cannot read or write {terms.Encoding}");
        lock (gate)
        {
            if (isClosed)
                return (ErrorCode.Unsuitable, "the run is over");
            if (members?.Contains(device) == false)
                return (ErrorCode.Unsuitable, "the run began without this device");
        }

        return null;
    }

    private int IndexOf(string name)
    {
        for (int device = 0; device < terms.Names.Count; device++)
        {
            if (terms.Names[device] == name)
                return device;
        }

        return -1;
    }

    /// <summary>Under the lock.</summary>
    private void Signal()
    {
        changed.SetResult();
        changed = NewSignal();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Device} joined with {Samples} training samples")]
    private partial void LogJoined(string device, long samples);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Device} is back")]
    private partial void LogBack(string device);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Device} left")]
    private partial void LogLeft(string device);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused {Device}: {Reason}")]
    private partial void LogRefused(string device, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A connection of {Device} ended: {Reason}")]
    private partial void LogEnded(string device, string reason);
}
