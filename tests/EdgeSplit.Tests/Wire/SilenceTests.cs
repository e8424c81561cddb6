using System.Net.WebSockets;
using EdgeSplit.Wire;
using EdgeSplit.Wire.Protocol;
using Google.Protobuf;

namespace EdgeSplit.Tests.Wire;

/// <summary>Time passes by hand here: a silent connection ends after three heartbeats, not before.</summary>
public class SilenceTests
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_peer_that_says_nothing_is_given_up()
    {
        SteppedClock clock = new();
        await using ResumableLink link = NewLink(clock);
        MemoryWire wire = new();
        await AssertGivenUpAsync(clock, link.RunAsync(new FrameConnection(wire.Server, clock), 0, default));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(9)]
    public async Task Half_a_frame_and_then_silence_is_given_up(int bytes)
    {
        SteppedClock clock = new();
        await using ResumableLink link = NewLink(clock);
        MemoryWire wire = new();
        Task run = link.RunAsync(new FrameConnection(wire.Server, clock), 0, default);
        byte[] frame = [12, 0, 0, 0, .. new FrameHeader { Pong = new Pong { Id = ulong.MaxValue } }.ToByteArray()];
        await wire.Device.SendAsync(frame.AsMemory(0, bytes), WebSocketMessageType.Binary, endOfMessage: false, default);
        await AssertGivenUpAsync(clock, run);
    }

    [Fact]
    public async Task Two_ends_that_are_there_keep_an_idle_connection()
    {
        SteppedClock clock = new();
        LinkPair pair = new(new LinkOptions(clock) { Heartbeat = Heartbeat }, new LinkOptions(clock) { Heartbeat = Heartbeat });
        (Task server, Task device) = pair.Connect();
        for (int beat = 0; beat < 50; beat++)
        {
            while (clock.TimerCount < 2)
                await Task.Yield();
            long heard = pair.Server.Meter.BytesReceived + pair.Device.Meter.BytesReceived;
            clock.Advance(Heartbeat);
            // Both pings and both pongs, 8 bytes each, arrive: only then is it time for the next.
            while (pair.Server.Meter.BytesReceived + pair.Device.Meter.BytesReceived < heard + 32)
                await Task.Yield();
        }

        Assert.False(server.IsCompleted || device.IsCompleted);
        pair.Server.Close();
        await server;
        await device;
    }

    [Fact]
    public async Task A_device_that_says_no_hello_is_given_up()
    {
        SteppedClock clock = new();
        MemoryWire wire = new();
        Task<Hello> hello = Handshake.ReceiveHelloAsync(new FrameConnection(wire.Server, clock), TimeSpan.FromSeconds(10), clock, default);
        clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(hello.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(0.2));
        await Assert.ThrowsAsync<ConnectionLostException>(() => hello);
    }

    private static ResumableLink NewLink(SteppedClock clock) =>
        new(LinkEnd.Server, TinyNetwork.Network, new LinkOptions(clock) { Heartbeat = Heartbeat });

    private static async Task AssertGivenUpAsync(SteppedClock clock, Task run)
    {
        double waited = 0;
        while (!run.IsCompleted)
        {
            Assert.True(waited < 60, "the connection is still held");
            // The loop that listens sets its timer again on another thread.
            while (clock.TimerCount == 0 && !run.IsCompleted)
                await Task.Yield();
            clock.Advance(TimeSpan.FromSeconds(1));
            waited++;
        }

        Assert.Equal("Nothing was heard for 15 s.", (await Assert.ThrowsAsync<ConnectionLostException>(() => run)).Message);
        Assert.True(waited >= 15);
    }
}
