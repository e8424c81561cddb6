using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace EdgeSplit.Server.Security;

/// <summary>
/// Bounds the connections that have shown no token: in number, and each in time. Who comes when the place is full takes that of the oldest
/// stranger from the address that has the most. So ten thousand connections that say nothing cost what a thousand do, and a device
/// that shows its token within the time a thousand others need to connect is never turned away.
/// </summary>
public sealed class ConnectionGate : IDisposable
{
    /// <summary>Strangers at once.</summary>
    public const int Capacity = 1024;

    /// <summary>From the connection to the token: TLS handshake, request, headers.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Dictionary<AddressGroup, LinkedList<Stranger>> strangers = [];
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
        LinkedListNode<Stranger> place = Enter(connection);
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

    /// <summary>The request's connection has shown a token: it is no stranger any more.</summary>
    public void Admit(HttpContext context)
    {
        if (context.Features.Get<LinkedListNode<Stranger>>() is { } place)
            Leave(place);
    }

    public void Dispose() => timer.Dispose();

    internal LinkedListNode<Stranger> Enter(BaseConnectionContext connection)
    {
        AddressGroup group = AddressGroup.Of((connection.RemoteEndPoint as System.Net.IPEndPoint)?.Address);
        LinkedListNode<Stranger> place = new(new Stranger(connection, group, clock.GetTimestamp()));
        Stranger? turnedAway = null;
        lock (gate)
        {
            if (count == capacity)
            {
                LinkedListNode<Stranger> oldest = strangers.Values.MaxBy(each => each.Count)!.First!;
                turnedAway = oldest.Value;
                Remove(oldest);
            }

            if (!strangers.TryGetValue(group, out LinkedList<Stranger>? others))
                strangers[group] = others = new LinkedList<Stranger>();
            others.AddLast(place);
            count++;
        }

        turnedAway?.TurnAway("Others came, and this connection has shown no token.");
        return place;
    }

    internal void Leave(LinkedListNode<Stranger> place)
    {
        lock (gate)
            Remove(place);
    }

    internal void TurnAwayLate()
    {
        List<Stranger> late = [];
        lock (gate)
        {
            foreach (LinkedList<Stranger> others in strangers.Values.ToArray())
            {
                while (others.First is { } first && clock.GetElapsedTime(first.Value.Since) >= Patience)
                {
                    late.Add(first.Value);
                    Remove(first);
                }
            }
        }

        foreach (Stranger stranger in late)
            stranger.TurnAway("No token was shown in time.");
    }

    /// <summary>Nothing for one that has left: admitted, turned away.</summary>
    private void Remove(LinkedListNode<Stranger> place)
    {
        if (place.List is not { } others)
            return;
        others.Remove(place);
        count--;
        if (others.Count == 0)
            strangers.Remove(place.Value.Group);
    }
}
