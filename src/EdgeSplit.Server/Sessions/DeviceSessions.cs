using EdgeSplit.Training;
using EdgeSplit.Wire;
using EdgeSplit.Wire.Protocol;
using Google.Protobuf;

namespace EdgeSplit.Server.Sessions;

/// <summary>The devices that are there, and those that may come: a session each, over as many connections as it takes.</summary>
public sealed class DeviceSessions
{
    /// <summary>What a person may be shown of a machine's description.</summary>
    private const int LongestMachine = 200;

    /// <summary>Sessions of a device that another process of it took over: so many are remembered, lest the older process take it back.</summary>
    private const int ReplacedRemembered = 16;

    private readonly Lock gate = new();
    private readonly FleetTerms terms;
    private readonly Func<int, LinkOptions> linkOptions;
    private readonly DeviceSession?[] sessions;
    private readonly StatedData[] samples;
    private readonly Absence?[] absences;
    private readonly Queue<(ByteString Id, string Reason)>[] replaced;
    private HashSet<int>? members;
    private RefusedException? closed;
    private TaskCompletionSource changed = NewSignal();

    /// <param name="terms">What devices are told.</param>
    /// <param name="linkOptions">Of the link to a device, by its index.</param>
    public DeviceSessions(FleetTerms terms, Func<int, LinkOptions> linkOptions)
    {
        this.terms = terms;
        this.linkOptions = linkOptions;
        sessions = new DeviceSession?[terms.Names.Count];
        samples = new StatedData[terms.Names.Count];
        absences = new Absence?[terms.Names.Count];
        replaced = [.. terms.Names.Select(_ => new Queue<(ByteString, string)>())];
    }

    public FleetTerms Terms => terms;

    /// <summary>What a run is to know of devices that come and are refused.</summary>
    public FleetNotices Notices { get; } = new();

    /// <summary>The devices that are there, ascending: those with a session whose terms they took, connected just now or not.</summary>
    public IReadOnlyList<int> Present
    {
        get
        {
            lock (gate)
                return [.. Enumerable.Range(0, sessions.Length).Where(device => sessions[device] is { IsReady: true })];
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

    /// <summary>Devices that are not waited for, each with why: they ended for good, or were refused and have not come back with other data.</summary>
    public IReadOnlyDictionary<int, string> Absent
    {
        get
        {
            lock (gate)
                return absences.Index().Where(entry => entry.Item is not null).ToDictionary(entry => entry.Index, entry => entry.Item!.Reason);
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
            return samples[device].Count;
    }

    /// <summary>What is known of a device's data from before: it will be told where they are others.</summary>
    public void Remember(string name, StatedData before)
    {
        int device = terms.Names.TakeWhile(one => one != name).Count();
        lock (gate)
        {
            if (device < samples.Length && samples[device].Count == 0)
                samples[device] = before;
        }
    }

    /// <summary>What a device says of its training samples, as it last did.</summary>
    public StatedData DataOf(int device)
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

    /// <summary>What decides the bits of what a device computes, as it says; empty where it says nothing, or is not there.</summary>
    public string NumericsOf(int device)
    {
        lock (gate)
            return sessions[device]?.Numerics ?? "";
    }

    /// <summary>The meter of the link to a device; null while it has none.</summary>
    public LinkMeter? MeterOf(int device)
    {
        lock (gate)
            return sessions[device]?.Link.Meter;
    }

    /// <summary>The link to a device, as soon as it is there.</summary>
    /// <exception cref="LinkClosedException">The server takes nobody in any more, or the device is absent: why is the cause.</exception>
    public async ValueTask<ResumableLink> LinkOfAsync(int device, CancellationToken cancellation)
    {
        while (true)
        {
            Task change;
            lock (gate)
            {
                // A link that has closed has a while to say so; its session is as good as over.
                if (sessions[device] is { IsReady: true, Link.IsClosed: false } session)
                    return session.Link;
                if (absences[device] is { } absence)
                    throw new LinkClosedException(absence.Reason, absence.ToException());
                if (closed is not null)
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

    /// <summary>A device has ended for good, as whoever started it knows: nobody waits for it any more.</summary>
    /// <param name="device">Its index.</param>
    /// <param name="reason">How it ended.</param>
    public void Leave(int device, string reason)
    {
        ResumableLink? link;
        lock (gate)
        {
            if (closed is not null || absences[device] is { IsFinal: true })
                return;
            absences[device] = new Absence(reason, IsFinal: true);
            link = sessions[device]?.Link;
            sessions[device] = null;
            Signal();
        }

        link?.Close(new DeviceGoneException(reason));
    }

    /// <summary>
    /// Says goodbye to every device, for the run is over, or why it is not; nobody comes any more. Told <see cref="ErrorCode.NotNow"/>, devices try
    /// again, as when the server is to go on with the run later.
    /// </summary>
    /// <param name="failure">Null where the run is over.</param>
    public void Close(RefusedException? failure)
    {
        lock (gate)
        {
            if (closed is not null)
                return;
            closed = failure ?? new RefusedException(ErrorCode.Unsuitable, "the run is over");
            foreach (DeviceSession? session in sessions)
                session?.Link.Close(failure);
            Signal();
        }
    }

    /// <summary>
    /// Goes on with the session that the hello names, or begins one: the device has started anew, and the old one is over. The newest process
    /// with a device's token is the device: an older one may be dead, or its link half open, and nobody can tell.
    /// </summary>
    /// <param name="device">Its index.</param>
    /// <param name="hello">What it says.</param>
    /// <param name="address">Where it is.</param>
    /// <param name="takenFrom">The address of the process whose place it takes, where that one is connected still; else null.</param>
    /// <exception cref="RefusedException">The run is over, or goes on without the device, or another process took the session over.</exception>
    internal DeviceSession Open(int device, Hello hello, string address, out string? takenFrom)
    {
        takenFrom = null;
        DeviceSession session;
        ResumableLink? old;
        lock (gate)
        {
            if (closed is not null)
                throw new RefusedException(closed.Code, closed.Message);
            if (absences[device] is { IsFinal: true } end)
                throw new RefusedException(ErrorCode.Unsuitable, $"the run goes on without this device: {end.Reason}");
            if (replaced[device].FirstOrDefault(one => one.Id == hello.Session) is { Reason: { } taken } && !hello.Session.IsEmpty)
                throw new RefusedException(ErrorCode.Identity, taken);
            if (members?.Contains(device) == false)
                throw new RefusedException(ErrorCode.Unsuitable, "the run began without this device");
            if (sessions[device] is { } present && !hello.Session.IsEmpty && present.Id == hello.Session)
            {
                present.Address = address;
                return present;
            }

            old = sessions[device]?.Link;
            if (sessions[device] is { } before)
            {
                takenFrom = before.Link is { IsClosed: false, IsConnected: true } ? before.Address : null;
                Remember(device, before.Id, TakenBy(device, address));
            }

            session = new DeviceSession(hello, new ResumableLink(LinkEnd.Server, terms.Network, linkOptions(device)), address);
            sessions[device] = session;
            Signal();
        }

        old?.Close(takenFrom is null
            ? new LinkClosedException("the device started anew")
            : new RefusedException(ErrorCode.Identity, TakenBy(device, address)));
        return session;
    }

    /// <summary>A device took the terms: it is there, once it has been told of what is new about its data.</summary>
    internal void Accept(int device, DeviceSession session)
    {
        StatedData before, now = session.Samples;
        lock (gate)
        {
            if (session.IsReady)
                return;
            (before, samples[device], absences[device]) = (samples[device], now, null);
        }

        if (before.Count > 0 && now.DifferFrom(before))
            Notices.Tell(new DeviceDataChanged(terms.Names[device], before.Count, now.Count) { DataDigest = now.Digest });
        lock (gate)
        {
            session.IsReady = true;
            Signal();
        }
    }

    /// <summary>A device of the fleet was turned away for what it is: unless another process of it is there, it is not waited for.</summary>
    internal void TurnAway(int device, RefusedException refusal)
    {
        lock (gate)
        {
            if (sessions[device] is { IsReady: true })
                return;
            absences[device] ??= new Absence(refusal.Message, IsFinal: false);
            Signal();
        }
    }

    /// <summary>A device did not take the terms: its session is over, and it is not waited for.</summary>
    internal void Refuse(int device, DeviceSession session, RefusedException refusal)
    {
        lock (gate)
        {
            if (sessions[device] == session && absences[device] is not { IsFinal: true })
                absences[device] = new Absence(refusal.Message, IsFinal: false);
        }

        End(device, session.Link, refusal);
        Notices.Tell(new DeviceRefused(terms.Names[device], refusal.Message));
    }

    private string TakenBy(int device, string address) =>
        $"another process joined as '{terms.Names[device]}' with the same token, from {address}, and took the place of this one";

    /// <summary>Under the lock.</summary>
    private void Remember(int device, ByteString session, string reason)
    {
        Queue<(ByteString, string)> known = replaced[device];
        if (known.Count == ReplacedRemembered)
            known.Dequeue();
        known.Enqueue((session, reason));
    }

    /// <summary>Under the lock.</summary>
    private void Signal()
    {
        changed.SetResult();
        changed = NewSignal();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
