using EdgeSplit.Compute;
using EdgeSplit.Wire;
using EdgeSplit.Wire.Protocol;
using Google.Protobuf;

namespace EdgeSplit.Tests.Wire;

public class LinkMeasuresTests
{
    [Fact]
    public async Task A_profile_is_asked_for_once_and_answered_though_the_connection_breaks_meanwhile()
    {
        TaskCompletionSource<string> measured = new();
        int asked = 0;
        await using LinkPair pair = new(device: new LinkOptions(TimeProvider.System)
        {
            Profile = _ =>
            {
                asked++;
                return measured.Task;
            },
        });
        Task<string> profile = pair.Server.ProfileAsync(default);
        MemoryWire wire = new();
        (Task server, Task device) = pair.Connect(wire);
        while (Volatile.Read(ref asked) == 0)
            await Task.Yield();
        wire.Break();
        await Assert.ThrowsAsync<ConnectionLostException>(() => server);
        await Assert.ThrowsAsync<ConnectionLostException>(() => device);
        measured.SetResult("{\"blocks\": \"ä\"}");
        pair.Connect();
        Assert.Equal("{\"blocks\": \"ä\"}", await profile);
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task A_device_that_cannot_be_profiled_says_so()
    {
        await using LinkPair pair = new();
        Task<string> profile = pair.Server.ProfileAsync(default);
        pair.Connect();
        LinkClosedException closed = await Assert.ThrowsAsync<LinkClosedException>(() => profile);
        Assert.Equal(ErrorCode.Unsuitable, Assert.IsType<RefusedException>(closed.InnerException).Code);
    }

    [Fact]
    public async Task A_probe_sees_the_link_that_a_device_plays()
    {
        LinkOptions played = new(TimeProvider.System) { Emulation = new LinkEmulation(UplinkBitsPerSecond: 8e6, null, LatencySeconds: 0.02) };
        await using LinkPair pair = new(device: played);
        pair.Connect();
        // What a reader that was held up finds waiting for it looks faster than it came: the slowest of a few is the link's.
        LinkMeasurement link = await pair.Server.ProbeAsync(default);
        for (int again = 0; again < 4; again++)
        {
            LinkMeasurement other = await pair.Server.ProbeAsync(default);
            link = other.UplinkBitsPerSecond < link.UplinkBitsPerSecond ? other : link;
        }

        Assert.True(link.UplinkBitsPerSecond < 8e6 * 1.1, $"{link.UplinkBitsPerSecond}");
        Assert.True(link.DownlinkBitsPerSecond > link.UplinkBitsPerSecond);
        // Timers count in ticks of the kernel's, of up to four milliseconds, and may wake within the last one of the two waits together.
        Assert.True(link.LatencySeconds >= 0.018, $"{link.LatencySeconds}");
    }

    [Fact]
    public async Task A_probe_ends_with_its_connection()
    {
        await using LinkPair pair = new();
        MemoryWire wire = new(bytesUp: 1000, bytesDown: 300_000);
        pair.Connect(wire);
        await Assert.ThrowsAsync<ConnectionLostException>(() => pair.Server.ProbeAsync(default));
    }

    [Fact]
    public async Task A_probe_asked_for_without_a_connection_is_not_handed_on_to_the_next()
    {
        await using LinkPair pair = new();
        Task<LinkMeasurement> probe = pair.Server.ProbeAsync(default);
        pair.Connect();
        await Assert.ThrowsAsync<ConnectionLostException>(() => probe);
        Assert.True((await pair.Server.ProbeAsync(default)).UplinkBitsPerSecond > 0);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-1.0)]
    [InlineData(1e-300)]
    public async Task A_device_that_tells_no_rate_breaks_the_rules(double told)
    {
        await using ResumableLink link = NewServerLink();
        RawDevice device = new(link) { Told = told };
        LinkClosedException closed = await Assert.ThrowsAsync<LinkClosedException>(() => link.ProbeAsync(default));
        Assert.StartsWith("Expected the rate at which a probe came", Assert.IsType<ProtocolException>(closed.InnerException).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ProtocolException>(() => device.Carried);
    }

    [Fact]
    public async Task A_device_that_never_has_a_rate_is_asked_a_few_times_and_then_breaks_the_rules()
    {
        await using ResumableLink link = NewServerLink();
        RawDevice device = new(link) { Told = 0 };
        ProtocolException violation = await Assert.ThrowsAsync<ProtocolException>(() => link.ProbeAsync(default));
        Assert.Contains("received none 3 times", violation.Message, StringComparison.Ordinal);
        Assert.Equal([256 << 10, 2 << 20, 16 << 20, 16 << 20, 16 << 20], device.Probes);
    }

    [Theory]
    [InlineData(1, "received a claim of 1")]
    [InlineData(16 << 20, "received a claim of 16777216")]
    public async Task A_probe_of_another_size_than_was_asked_for_breaks_the_rules(int bytes, string reason)
    {
        await using ResumableLink link = NewServerLink();
        _ = new RawDevice(link) { Told = 8e6, Sends = bytes };
        LinkClosedException closed = await Assert.ThrowsAsync<LinkClosedException>(() => link.ProbeAsync(default));
        Assert.Contains(reason, Assert.IsType<ProtocolException>(closed.InnerException).Message, StringComparison.Ordinal);
    }

    private static ResumableLink NewServerLink() => new(LinkEnd.Server, TinyNetwork.Network, new LinkOptions(TimeProvider.System));

    [Fact]
    public async Task A_receiver_knows_how_fast_a_payload_came()
    {
        MemoryWire wire = new();
        FrameConnection sender = new(wire.Device, TimeProvider.System), receiver = new(wire.Server, TimeProvider.System);
        Task sending = sender.SendAsync(new FrameHeader { Probe = new Probe() }, new byte[1 << 20]).AsTask();
        await receiver.ReceiveHeaderAsync();
        await receiver.DrainPayloadAsync();
        await sending;
        Assert.InRange(receiver.LastFlow.Bits, (1 << 20) * 8 * 0.45, (1 << 20) * 8 * 0.75);
        Assert.True(receiver.LastFlow.BitsPerSecond > 0);
    }

    [Theory]
    [InlineData(64 * 1024)]
    [InlineData(96 * 1024)]
    [InlineData(16 * 1024)]
    public async Task The_rate_of_what_comes_in_bursts_is_that_of_whole_bursts(int burst)
    {
        const int Bursts = 23;
        FrameHeader header = new() { Probe = new Probe() };
        header.PayloadBytes = (ulong)(Bursts * burst);
        // The header comes before the first burst.
        byte[] head = header.ToByteArray();
        byte[] message = [.. BitConverter.GetBytes(head.Length), .. head, .. new byte[Bursts * burst]];
        SteppedClock clock = new();
        int come = 0;
        using ScriptedSocket socket = new(message)
        {
            Reading = read =>
            {
                for (; come * burst <= read - sizeof(int) - head.Length; come++)
                    clock.Advance(TimeSpan.FromMilliseconds(20));
            },
        };
        FrameConnection receiver = new(socket, clock);
        await receiver.ReceiveHeaderAsync();
        await receiver.DrainPayloadAsync();
        Assert.Equal(burst * 8 / 0.02, receiver.LastFlow.BitsPerSecond!.Value, 1.0);
    }

    [Fact]
    public async Task Counts_say_what_went_over_the_wire()
    {
        await using LinkPair pair = new();
        pair.Connect();
        using Weights weights = TinyNetwork.WeightsOf(TinyNetwork.Cut, 1);
        pair.Server.Agree(LinkPair.Agreement(1));
        await pair.Server.SendAsync(new Message.RoundStart(1, TinyNetwork.Cut, 0.1, weights), default);
        await pair.Device.ReceiveAsync(default);
        Assert.Equal(weights.ByteCount, pair.Device.Meter.PayloadBytesReceived);
        Assert.Equal(weights.ByteCount, pair.Server.Meter.PayloadBytesSent);
        Assert.InRange(pair.Server.Meter.BytesSent, weights.ByteCount + 9, weights.ByteCount + 400);
    }
}
