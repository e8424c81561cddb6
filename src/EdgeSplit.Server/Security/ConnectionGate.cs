using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace EdgeSplit.Server.Security;

/// <summary>
/// Bounds the connections of those who have shown no token, in number and each in time, and those of each device. A stranger who comes
/// when the place is full takes that of the oldest stranger from the address that has the most. So ten thousand connections that say
/// nothing cost what a thousand do, and a device that shows its token within the time a thousand others need to connect gets in.
/// </summary>
public sealed class ConnectionGate : IDisposable
{
    /// <summary>Strangers at once.</summary>
    public const int Capacity = 1024;

    /// <summary>Connections of one device at once: the one at work, and one that takes over before the loss of the other is noticed.</summary>
    public const int PerDevice = 4;

    /// <summary>From the connection to the token: TLS handshake, request, headers.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Dictionary<AddressGroup, LinkedList<Visitor>> strangers = [];
    private readonly Dictionary<string, LinkedList<Visitor>> devices = new(StringComparer.Ordinal);
    private readonly TimeProvider clock;
    private readonly int capacity;
    private readonly ITimer timer;
    private int count;

    public ConnectionGate(TimeProvider clock, int capacity = Capacity)
    {
        this.clock = clock;
        this.capacity = capacity;
        timer = clock.CreateTimer(_ => TurnAwayLate(), null, Tick, Tick);
    }

    /// <summary>Strangers there are now.</summary>
    public int Count
    {
        get
        {
            lock (gate)
                return count;
        }
    }

    /// <summary>The first step of a connection, before TLS.</summary>
    public async Task PassAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        LinkedListNode<Visitor> place = Enter(connection);
        connection.Features.Set(place);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            Leave(place);
        }
    }

    /// <summary>The request's connection has shown a device's token.</summary>
    public void Admit(HttpContext context, string device)
    {
        if (context.Features.Get<LinkedListNode<Visitor>>() is { } place)
            Admit(place, device);
    }

    public void Dispose() => timer.Dispose();

    internal LinkedListNode<Visitor> Enter(BaseConnectionContext connection)
    {
        AddressGroup group = AddressGroup.Of((connection.RemoteEndPoint as IPEndPoint)?.Address);
        LinkedListNode<Visitor> place = new(new Visitor(connection, group, clock.GetTimestamp()));
        Visitor? turnedAway = null;
        lock (gate)
        {
            if (count == capacity)
                turnedAway = Remove(strangers.Values.MaxBy(each => each.Count)!.First!);
            Add(strangers, group, place);
            count++;
        }

        turnedAway?.TurnAway("Others came, and this connection has shown no token.");
        return place;
    }

    internal void Admit(LinkedListNode<Visitor> place, string device)
    {
        Visitor? turnedAway = null;
        lock (gate)
        {
            // It may have been turned away meanwhile.
            if (place.List is null)
                return;
            Remove(place);
            place.Value.Device = device;
            LinkedList<Visitor> own = Add(devices, device, place);
            if (own.Count > PerDevice)
                turnedAway = Remove(own.First!);
        }

        turnedAway?.TurnAway("The device has opened too many connections; this is its oldest.");
    }

    internal void Leave(LinkedListNode<Visitor> place)
    {
        lock (gate)
            Remove(place);
    }

    internal void TurnAwayLate()
    {
        List<Visitor> late = [];
        lock (gate)
        {
            foreach (LinkedList<Visitor> others in strangers.Values.ToArray())
            {
                while (others.First is { } first && clock.GetElapsedTime(first.Value.Since) >= Patience)
                    late.Add(Remove(first));
            }
        }

        late.ForEach(stranger => stranger.TurnAway("No token was shown in time."));
    }

    private static LinkedList<Visitor> Add<T>(Dictionary<T, LinkedList<Visitor>> to, T key, LinkedListNode<Visitor> place)
        where T : notnull
    {
        if (!to.TryGetValue(key, out LinkedList<Visitor>? others))
            to[key] = others = new LinkedList<Visitor>();
        others.AddLast(place);
        return others;
    }

    /// <summary>Nothing changes for one that has left already.</summary>
    private Visitor Remove(LinkedListNode<Visitor> place)
    {
        Visitor visitor = place.Value;
        if (place.List is not { } others)
            return visitor;
        others.Remove(place);
        if (visitor.Device is null)
            count--;
        if (others.Count == 0)
            _ = visitor.Device is null ? strangers.Remove(visitor.Group) : devices.Remove(visitor.Device);
        return visitor;
    }
}
