using System.Net;
using EdgeSplit.Server.Security;
using EdgeSplit.Tests.Training;
using Microsoft.AspNetCore.Connections;

namespace EdgeSplit.Tests.Security;

public sealed class ConnectionGateTests : IDisposable
{
    private readonly ManualClock clock = new();
    private readonly ConnectionGate gate;

    public ConnectionGateTests() => gate = new ConnectionGate(clock, capacity: 4);

    public void Dispose() => gate.Dispose();

    [Fact]
    public void Who_comes_when_it_is_full_takes_the_place_of_the_oldest_of_the_address_that_has_most()
    {
        Guest quiet = Come("192.0.2.1"), first = Come("192.0.2.9"), second = Come("192.0.2.9"), third = Come("192.0.2.9");
        Guest late = Come("192.0.2.2");
        Assert.Equal([false, true, false, false, false], AreTurnedAway(quiet, first, second, third, late));
        Guest fourth = Come("192.0.2.9");
        Assert.Equal([false, true, true, false, false, false], AreTurnedAway(quiet, first, second, third, late, fourth));
        Assert.Equal(4, gate.Count);
    }

    [Fact]
    public void Addresses_that_one_peer_has_at_will_count_as_one()
    {
        Guest quiet = Come("2001:db8:0:1::1"), first = Come("2001:db8:0:2::1"), second = Come("2001:db8:0:2::ffff"), third = Come("2001:db8:0:2:1::");
        Come("2001:db8:0:3::1");
        Assert.Equal([false, true, false, false], AreTurnedAway(quiet, first, second, third));
    }

    [Fact]
    public void Who_has_shown_a_token_takes_no_place_and_is_never_turned_away()
    {
        Guest device = ComeAs("camera");
        for (int number = 0; number < 10; number++)
            Come("192.0.2.1");
        clock.Advance(ConnectionGate.Patience);
        gate.TurnAwayLate();
        Assert.Equal([false], AreTurnedAway(device));
        Assert.Equal(0, gate.Count);
    }

    [Fact]
    public void Who_shows_no_token_in_time_is_turned_away()
    {
        Guest early = Come("192.0.2.1");
        clock.Advance(ConnectionGate.Patience - TimeSpan.FromSeconds(1));
        Guest late = Come("192.0.2.1");
        gate.TurnAwayLate();
        Assert.Equal([false, false], AreTurnedAway(early, late));
        clock.Advance(TimeSpan.FromSeconds(1));
        gate.TurnAwayLate();
        Assert.Equal([true, false], AreTurnedAway(early, late));
        Assert.Equal(1, gate.Count);
    }

    [Fact]
    public void A_device_that_opens_one_connection_after_another_keeps_its_latest_and_harms_no_other()
    {
        Guest other = ComeAs("other");
        Guest[] own = [.. Enumerable.Range(0, ConnectionGate.PerDevice + 2).Select(_ => ComeAs("camera"))];
        Assert.Equal([true, true, .. Enumerable.Repeat(false, ConnectionGate.PerDevice)], AreTurnedAway(own));
        Assert.Equal([false], AreTurnedAway(other));
    }

    [Fact]
    public void Leaving_twice_is_leaving_once()
    {
        Guest visitor = Come("192.0.2.1");
        Come("192.0.2.1");
        gate.Leave(visitor.Place);
        gate.Leave(visitor.Place);
        Assert.Equal(1, gate.Count);
    }

    private static bool[] AreTurnedAway(params Guest[] visitors) => [.. visitors.Select(visitor => visitor.Connection.IsAborted)];

    private Guest Come(string address)
    {
        AbortableConnection connection = new() { RemoteEndPoint = new IPEndPoint(IPAddress.Parse(address), 1) };
        return new Guest(connection, gate.Enter(connection));
    }

    private Guest ComeAs(string device)
    {
        Guest guest = Come("192.0.2.1");
        gate.Admit(guest.Place, device);
        return guest;
    }

    private sealed record Guest(AbortableConnection Connection, LinkedListNode<Visitor> Place);

    private sealed class AbortableConnection : DefaultConnectionContext
    {
        public bool IsAborted { get; private set; }

        public override void Abort(ConnectionAbortedException abortReason) => IsAborted = true;
    }
}
