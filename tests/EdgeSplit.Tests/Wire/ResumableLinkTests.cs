using CsCheck;
using EdgeSplit.Compute;
using EdgeSplit.Numerics;
using EdgeSplit.Wire;
using EdgeSplit.Wire.Protocol;

namespace EdgeSplit.Tests.Wire;

public class ResumableLinkTests
{
    [Fact]
    public async Task Rounds_of_any_cut_cross_the_wire_bit_for_bit_and_their_memory_comes_back()
    {
        LinkPair pair = new();
        Conversation talk = new(pair, rounds: 6, steps: 3);
        (Task server, Task device) = pair.Connect();
        await Task.WhenAll(talk.ServeAsync(), talk.WorkAsync());
        await pair.DisposeAsync();
        await Task.WhenAll(server, device);
        Assert.NotEmpty(talk.Sent);
        Assert.All(talk.Sent, tensor => Assert.True(TinyNetwork.IsReturned(tensor)));
    }

    [Fact]
    public void Wherever_connections_break_each_message_arrives_once_in_order_bit_for_bit() =>
        Gen.Select(Gen.ULong, Gen.Int[1, 3000]).Sample(
            (seed, first) => BreakAgainAndAgainAsync(seed, first).GetAwaiter().GetResult(), iter: 60, threads: 1);

    /// <summary>Connections that last a little longer each time, until the conversation is over.</summary>
    private static async Task BreakAgainAndAgainAsync(ulong seed, int first)
    {
        SeededRandom random = new(seed);
        LinkPair pair = new();
        Conversation talk = new(pair, rounds: 4, steps: 3);
        Task done = Task.WhenAll(talk.ServeAsync(), talk.WorkAsync());
        for (int allowed = first; !done.IsCompleted; allowed += 40)
        {
            bool breaksUp = random.NextInt(2) == 0;
            MemoryWire wire = new(
                bytesUp: breaksUp ? random.NextInt(allowed) : long.MaxValue,
                bytesDown: breaksUp ? long.MaxValue : random.NextInt(allowed));
            (Task server, Task device) = pair.Connect(wire, fragmentBytes: 64 + random.NextInt(400));
            await Task.WhenAny(done, Task.WhenAll(Lost(server), Lost(device)));
            wire.Break();
            await Task.WhenAll(Lost(server), Lost(device));
        }

        await done;
        await pair.DisposeAsync();
        Assert.All(talk.Sent, tensor => Assert.True(TinyNetwork.IsReturned(tensor)));
    }

    private static async Task Lost(Task run) => await Assert.ThrowsAsync<ConnectionLostException>(() => run);

    [Fact]
    public async Task A_newer_connection_takes_over_from_an_older_one_that_nobody_missed()
    {
        await using LinkPair pair = new();
        Conversation talk = new(pair, rounds: 2, steps: 2);
        (Task old, Task oldDevice) = pair.Connect();
        pair.Connect();
        await Lost(old);
        await Lost(oldDevice);
        await Task.WhenAll(talk.ServeAsync(), talk.WorkAsync());
    }

    [Fact]
    public async Task What_a_device_sends_of_a_round_that_was_begun_again_is_dropped()
    {
        await using LinkPair pair = new();
        pair.Connect();
        Message.RoundStart first = await StartAsync(pair, round: 7);
        await pair.Device.SendAsync(StepOf(first.Round, 0), default);
        (await pair.Server.ReceiveAsync(default)).Discard();
        await pair.Server.SendAsync(new Message.StepDown(7, 0, TinyNetwork.SmashedOf(TinyNetwork.Cut, 2, 1)), default);
        (await pair.Device.ReceiveAsync(default)).Discard();

        // The server gives the round up while the device is at its next step, and begins it again.
        pair.Server.Agree(LinkPair.Agreement(7));
        Task<Message.RoundStart> again = SendStartAsync(pair, 7);
        await pair.Device.SendAsync(StepOf(7, 1), default);
        Message.RoundStart start = await again;
        pair.Device.Agree(LinkPair.Agreement(7));
        await pair.Device.SendAsync(StepOf(start.Round, 0), default);
        Message.StepUp received = Assert.IsType<Message.StepUp>(await pair.Server.ReceiveAsync(default));
        Assert.Equal(0, received.Step);
    }

    [Fact]
    public async Task Only_the_latest_start_waits_for_a_device_that_slept_through_the_others()
    {
        await using LinkPair pair = new();
        pair.Connect();
        for (int round = 1; round <= 3; round++)
        {
            using Weights weights = TinyNetwork.WeightsOf(TinyNetwork.Cut, 1);
            pair.Server.Agree(LinkPair.Agreement(round));
            await pair.Server.SendAsync(new Message.RoundStart(round, TinyNetwork.Cut, 0.1, weights), default);
        }

        Assert.Equal(3, Assert.IsType<Message.RoundStart>(await pair.Device.ReceiveAsync(default)).Round);
        Assert.False(pair.Device.TryReceive(out _));
    }

    [Fact]
    public async Task A_start_that_is_cancelled_is_not_read_any_more_and_never_arrives()
    {
        await using LinkPair pair = new();
        using CancellationTokenSource deadline = new();
        Weights weights = TinyNetwork.WeightsOf(TinyNetwork.Cut, 1);
        pair.Server.Agree(LinkPair.Agreement(1));
        ValueTask sending = pair.Server.SendAsync(new Message.RoundStart(1, TinyNetwork.Cut, 0.1, weights), deadline.Token);
        // Half of it goes out, over a wire that stands still but does not break.
        StuckSocket stuck = new();
        Task run = pair.Server.RunAsync(new FrameConnection(stuck, TimeProvider.System), 0, default);
        await stuck.Sending;
        await deadline.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await sending);
        weights.Dispose();
        await Lost(run);

        pair.Connect();
        Assert.Equal(2, (await StartAsync(pair, 2)).Round);
    }

    [Fact]
    public async Task A_goodbye_ends_both_ends_in_order()
    {
        LinkPair pair = new();
        (Task server, Task device) = pair.Connect();
        Message.RoundStart start = await StartAsync(pair, 1);
        pair.Server.Close();
        await Assert.ThrowsAsync<LinkClosedException>(async () => await pair.Device.ReceiveAsync(default));
        await Assert.ThrowsAsync<LinkClosedException>(async () => await pair.Server.ReceiveAsync(default));
        await Assert.ThrowsAsync<LinkClosedException>(async () => await pair.Device.SendAsync(StepOf(start.Round, 0), default));
        await server;
        await device;
    }

    [Fact]
    public async Task What_went_wrong_inside_is_told_as_a_failure_and_no_more()
    {
        LinkPair pair = new();
        (Task server, Task device) = pair.Connect();
        pair.Device.Close(new InvalidOperationException("/home/user/secret.csv is damaged"));
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() => server);
        Assert.Equal((ErrorCode.Internal, "The Device failed."), (refused.Code, refused.Message));
        await device;
        LinkClosedException closed = await Assert.ThrowsAsync<LinkClosedException>(async () => await pair.Server.ReceiveAsync(default));
        Assert.IsType<RefusedException>(closed.InnerException);
    }

    [Fact]
    public async Task Whoever_connects_to_a_closed_link_is_told_so()
    {
        LinkPair pair = new();
        pair.Server.Close();
        (Task server, Task device) = pair.Connect();
        await server;
        await device;
        await Assert.ThrowsAsync<LinkClosedException>(async () => await pair.Device.ReceiveAsync(default));
    }

    [Fact]
    public async Task A_peer_that_claims_to_have_received_what_was_never_sent_is_refused()
    {
        LinkPair pair = new();
        MemoryWire wire = new();
        ProtocolException refused = await Assert.ThrowsAsync<ProtocolException>(
            () => pair.Server.RunAsync(new FrameConnection(wire.Server, TimeProvider.System), peerReceived: 5, default));
        Assert.Equal("Expected message 0 to be the last received, received a claim of 5.", refused.Message);
    }

    private static async Task<Message.RoundStart> StartAsync(LinkPair pair, int round)
    {
        pair.Server.Agree(LinkPair.Agreement(round));
        Message.RoundStart start = await SendStartAsync(pair, round);
        pair.Device.Agree(LinkPair.Agreement(round));
        return start;
    }

    private static async Task<Message.RoundStart> SendStartAsync(LinkPair pair, int round)
    {
        using Weights weights = TinyNetwork.WeightsOf(TinyNetwork.Cut, 1);
        await pair.Server.SendAsync(new Message.RoundStart(round, TinyNetwork.Cut, 0.1, weights), default);
        return Assert.IsType<Message.RoundStart>(await pair.Device.ReceiveAsync(default));
    }

    private static Message.StepUp StepOf(int round, int step) => new(round, step, TinyNetwork.SmashedOf(TinyNetwork.Cut, 2, 1), [0, 1]);
}
