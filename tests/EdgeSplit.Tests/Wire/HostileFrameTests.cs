using System.Net.WebSockets;
using EdgeSplit.Compute;
using EdgeSplit.Wire;
using EdgeSplit.Wire.Protocol;
using Google.Protobuf;
using Agreed = EdgeSplit.Wire.Message;

namespace EdgeSplit.Tests.Wire;

/// <summary>A server's link, and at its other end a test that writes frames by hand: what was not agreed ends the session, with its reason.</summary>
public sealed class HostileFrameTests : IAsyncDisposable
{
    private const int Samples = 2;

    private readonly MemoryWire wire = new();
    private readonly ResumableLink link = new(LinkEnd.Server, TinyNetwork.Network, new LinkOptions(TimeProvider.System));
    private readonly FrameConnection peer;
    private Task run = Task.CompletedTask;

    public HostileFrameTests() => peer = new FrameConnection(wire.Device, TimeProvider.System);

    public static TheoryData<string, string> Violations => new()
    {
        { "claims 2^60 bytes", "Expected a payload of 56 bytes in StepUp, received a claim of 1152921504606846976." },
        { "claims 2^64 - 1 bytes", "Expected a payload of 56 bytes in StepUp, received a claim of 18446744073709551615." },
        { "another shape", "Expected Float32 of shape 2x6 as tensor 1 of StepUp, received Float32 of shape 2x7." },
        { "another type", "Expected Float32 of shape 2x6 as tensor 1 of StepUp, received Bfloat16 of shape 2x6." },
        { "another rank", "Expected Float32 of shape 2x6 as tensor 1 of StepUp, received Float32 of shape 2x6x1." },
        { "too many samples", "Expected smashed data and labels of 1 to 4 samples, received 5." },
        { "no samples", "Expected smashed data and labels of 1 to 4 samples, received 0." },
        { "no labels", "Expected smashed data and labels of 1 to 4 samples, received 0." },
        { "another step", "Expected step 0 or the round's end, received step 1." },
        { "another round", "Expected messages of round 3, received StepUp of round 4 that began with message 1." },
        { "a later start", "Expected messages of round 3, received StepUp of round 3 that began with message 9." },
        { "no number", "Expected a number with StepUp, received none." },
        { "a step down", "StepDown is not for a Server to receive." },
        { "a start", "RoundStart is not for a Server to receive." },
        { "a hello", "Hello is not for a Server to receive now." },
        { "a welcome", "Welcome is not for a Server to receive now." },
        { "nothing", "Expected a header of 1 to 65536 bytes, received one that claims 0." },
        { "a rate", "Rate is not for a Server to receive now." },
        { "a profile", "Expected no profile: none was asked for." },
        { "a probe", "Probe is not for a Server to receive now." },
        { "a confirmation", "Expected message 1 to be the last received, received a claim of 7." },
        { "a ping with a payload", "Expected neither a number nor a payload with Ping, received both or one of them." },
        { "an end without weights", "Expected 9 tensors in RoundEnd, received 0." },
        { "an end with a tally", "Expected the device's own tally where it runs the last block, and only there." },
        { "an end after no time", "Expected seconds of compute, received NaN." },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public async Task What_was_not_agreed_is_refused_before_its_payload_is_read(string what, string reason)
    {
        await BeginAsync(round: 3);
        await peer.SendHeaderAsync(Frame(what));
        await AssertRefusedAsync(reason);
        LinkClosedException closed = await Assert.ThrowsAsync<LinkClosedException>(async () => await link.ReceiveAsync(default));
        Assert.Equal(reason, closed.Message);
    }

    [Fact]
    public async Task A_second_step_before_the_first_is_answered_is_refused()
    {
        await BeginAsync(round: 3);
        await peer.SendAsync(StepUp(step: 0, sequence: 1), new byte[56]);
        (await link.ReceiveAsync(default)).Discard();
        await peer.SendHeaderAsync(StepUp(step: 1, sequence: 2));
        await AssertRefusedAsync("Expected nothing before step 0 is answered, received step 1.");
    }

    [Fact]
    public async Task The_same_number_again_is_the_same_message_and_dropped()
    {
        await BeginAsync(round: 3);
        for (int time = 0; time < 3; time++)
            await peer.SendAsync(StepUp(step: 0, sequence: 1), new byte[56]);
        (await link.ReceiveAsync(default)).Discard();
        await link.SendAsync(new Agreed.StepDown(3, 0, TinyNetwork.SmashedOf(TinyNetwork.Cut, Samples, 1)), default);
        await peer.SendAsync(StepUp(step: 1, sequence: 2), new byte[56]);
        Assert.Equal(1, Assert.IsType<Agreed.StepUp>(await link.ReceiveAsync(default)).Step);
        Assert.False(link.TryReceive(out _));
    }

    [Fact]
    public async Task A_late_message_is_drained_but_not_without_a_bound()
    {
        await BeginAsync(round: 3);
        await BeginAsync(round: 4, isFirst: false);
        FrameHeader late = StepUp(step: 5, sequence: 1);
        await peer.SendAsync(late, new byte[300]);
        FrameHeader endless = StepUp(step: 5, sequence: 2);
        endless.PayloadBytes = 1UL << 40;
        await peer.SendHeaderAsync(endless);
        await AssertRefusedAsync("Expected at most 420 bytes in StepUp, received 1099511627776.");
        Assert.Equal(1UL, link.Received);
    }

    [Theory]
    [InlineData(0u, "Expected a header of 1 to 65536 bytes, received one that claims 0.")]
    [InlineData(65537u, "Expected a header of 1 to 65536 bytes, received one that claims 65537.")]
    [InlineData(uint.MaxValue, "Expected a header of 1 to 65536 bytes, received one that claims 4294967295.")]
    public async Task A_header_of_no_or_too_great_a_length_is_refused_unread(uint length, string reason)
    {
        await BeginAsync(round: 3);
        await wire.Device.SendAsync(BitConverter.GetBytes(length), WebSocketMessageType.Binary, endOfMessage: false, default);
        await AssertRefusedAsync(reason);
    }

    [Fact]
    public async Task Bytes_that_are_no_header_are_refused()
    {
        await BeginAsync(round: 3);
        await wire.Device.SendAsync(new byte[] { 3, 0, 0, 0, 255, 255, 255 }, WebSocketMessageType.Binary, endOfMessage: true, default);
        await AssertRefusedAsync("Expected a frame's header, received what is none");
    }

    [Fact]
    public async Task Text_is_refused()
    {
        await BeginAsync(round: 3);
        await wire.Device.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, default);
        await AssertRefusedAsync("Expected a binary message, received a text.");
    }

    [Theory]
    [InlineData(55, "Expected 1 bytes more, but the frame ended.")]
    [InlineData(57, "Expected a payload of 56 bytes, received more.")]
    public async Task A_payload_of_another_length_than_it_claims_is_refused(int bytes, string reason)
    {
        await BeginAsync(round: 3);
        await wire.Device.SendFrameAsync(StepUp(step: 0, sequence: 1), new byte[bytes]);
        await AssertRefusedAsync(reason);
        Assert.Equal(0UL, link.Received);
    }

    [Fact]
    public async Task A_message_may_end_in_a_fragment_without_bytes()
    {
        await BeginAsync(round: 3);
        await wire.Device.SendFrameAsync(StepUp(step: 0, sequence: 1), new byte[56], endOfMessage: false);
        await wire.Device.SendAsync(ReadOnlyMemory<byte>.Empty, WebSocketMessageType.Binary, endOfMessage: true, default);
        (await link.ReceiveAsync(default)).Discard();
    }

    [Fact]
    public async Task Fields_of_later_versions_are_passed_over()
    {
        await BeginAsync(round: 3);
        byte[] header = [.. StepUp(step: 0, sequence: 1).ToByteArray(), 0xFA, 0x3F, 3, 1, 2, 3];
        await wire.Device.SendAsync(
            (byte[])[.. BitConverter.GetBytes(header.Length), .. header, .. new byte[56]], WebSocketMessageType.Binary, endOfMessage: true, default);
        (await link.ReceiveAsync(default)).Discard();
    }

    public async ValueTask DisposeAsync()
    {
        wire.Break();
        await link.DisposeAsync();
        try
        {
            await run;
        }
        catch (Exception end) when (end is ProtocolException or ConnectionLostException)
        {
            // As the test expected.
        }
    }

    private async Task BeginAsync(int round, bool isFirst = true)
    {
        link.Agree(LinkPair.Agreement(round));
        if (isFirst)
            run = link.RunAsync(new FrameConnection(wire.Server, TimeProvider.System), 0, default);
        using Weights weights = TinyNetwork.WeightsOf(TinyNetwork.Cut, 1);
        ValueTask sending = link.SendAsync(new Agreed.RoundStart(round, TinyNetwork.Cut, 0.1, weights), default);
        FrameHeader start;
        do
        {
            start = (await peer.ReceiveHeaderAsync())!;
            await peer.DrainPayloadAsync();
        }
        while (start.RoundStart is null);
        await peer.SendAsync(new FrameHeader { Confirm = new Confirm { Received = start.Sequence } }, default);
        await sending;
    }

    /// <summary>The peer is told why, and so is whoever ran the connection.</summary>
    private async Task AssertRefusedAsync(string reason)
    {
        FrameHeader? header;
        while ((header = await peer.ReceiveHeaderAsync()) is not { Error: not null })
            Assert.NotNull(header);
        Assert.Equal(ErrorCode.Protocol, header.Error.Code);
        Assert.StartsWith(reason, header.Error.Reason, StringComparison.Ordinal);
        Assert.Null(await peer.ReceiveHeaderAsync());
        await peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "");
        Assert.Equal(header.Error.Reason, (await Assert.ThrowsAsync<ProtocolException>(() => run)).Message);
    }

    private static FrameHeader StepUp(uint step, ulong sequence) => new()
    {
        Sequence = sequence,
        PayloadBytes = 56,
        StepUp = new StepUp
        {
            Start = 1,
            Round = 3,
            Step = step,
            Tensors =
            {
                new Tensor { Type = ElementType.Float32, Shape = { Samples, 6 } },
                new Tensor { Type = ElementType.Int32, Shape = { Samples } },
            },
        },
    };

    private static FrameHeader Frame(string what)
    {
        FrameHeader step = StepUp(step: 0, sequence: 1);
        switch (what)
        {
            case "claims 2^60 bytes":
                step.PayloadBytes = 1UL << 60;
                return step;
            case "claims 2^64 - 1 bytes":
                step.PayloadBytes = ulong.MaxValue;
                return step;
            case "another shape":
                step.StepUp.Tensors[0].Shape[1] = 7;
                return step;
            case "another type":
                step.StepUp.Tensors[0].Type = ElementType.Bfloat16;
                return step;
            case "another rank":
                step.StepUp.Tensors[0].Shape.Add(1);
                return step;
            case "too many samples":
                step.StepUp.Tensors[1].Shape[0] = 5;
                return step;
            case "no samples":
                step.StepUp.Tensors[1].Shape[0] = 0;
                return step;
            case "no labels":
                step.StepUp.Tensors.RemoveAt(1);
                return step;
            case "another step":
                step.StepUp.Step = 1;
                return step;
            case "another round":
                step.StepUp.Round = 4;
                return step;
            case "a later start":
                step.StepUp.Start = 9;
                return step;
            case "no number":
                step.Sequence = 0;
                return step;
            case "a step down":
                return new FrameHeader { Sequence = 1, StepDown = new StepDown { Start = 1, Round = 3 } };
            case "a start":
                return new FrameHeader { Sequence = 1, RoundStart = new RoundStart { Round = 3, Cut = 1 } };
            case "a hello":
                return new FrameHeader { Hello = new Hello { Device = "camera" } };
            case "a welcome":
                return new FrameHeader { Welcome = new Welcome() };
            case "nothing":
                return new FrameHeader();
            case "a rate":
                return new FrameHeader { Rate = new Rate { BitsPerSecond = 1 } };
            case "a profile":
                return new FrameHeader { Sequence = 1, ProfileResult = new ProfileResult() };
            case "a probe":
                return new FrameHeader { Probe = new Probe() };
            case "a confirmation":
                return new FrameHeader { Confirm = new Confirm { Received = 7 } };
            case "a ping with a payload":
                return new FrameHeader { PayloadBytes = 8, Ping = new Ping { Id = 1 } };
            case "an end without weights":
                return new FrameHeader { Sequence = 1, RoundEnd = new RoundEnd { Start = 1, Round = 3 } };
            case "an end with a tally":
                return new FrameHeader { Sequence = 1, RoundEnd = new RoundEnd { Start = 1, Round = 3, Local = new Tally() } };
            case "an end after no time":
                return new FrameHeader { Sequence = 1, RoundEnd = new RoundEnd { Start = 1, Round = 3, ComputeSeconds = double.NaN } };
            default:
                throw new ArgumentOutOfRangeException(nameof(what), what, null);
        }
    }
}
