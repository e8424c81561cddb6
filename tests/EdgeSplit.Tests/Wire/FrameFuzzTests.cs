using System.Globalization;
using EdgeSplit.Numerics;
using EdgeSplit.Wire;
using EdgeSplit.Wire.Protocol;
using Google.Protobuf;
using Agreed = EdgeSplit.Wire.Message;

namespace EdgeSplit.Tests.Wire;

/// <summary>
/// Sound frames, damaged in every way, against both ends of a link. EDGESPLIT_FUZZ sets how many (1000000 takes a few minutes).
/// </summary>
[Collection(QuietCollection.Name)]
public class FrameFuzzTests
{
    /// <summary>What a frame may cost in memory at most: a header of 64 KiB full of empty tensors.</summary>
    private const long MostAllocated = 4 * 1024 * 1024;

    private static readonly int Count =
        int.Parse(Environment.GetEnvironmentVariable("EDGESPLIT_FUZZ") ?? "100000", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData(LinkEnd.Server)]
    [InlineData(LinkEnd.Device)]
    public async Task Whatever_comes_is_taken_or_refused_within_a_bound_of_memory(LinkEnd end)
    {
        byte[][] sound = [.. SoundFrames(end)];
        SeededRandom random = new(11, (ulong)end);
        int taken = 0, refused = 0;
        long most = 0;
        for (int number = 0; number < Count / 2; number++)
        {
            byte[] frame = Damage(sound, random);
            (bool isTaken, long allocated) = await MeasureAsync(end, frame);
            _ = isTaken ? taken++ : refused++;
            // The count is the whole process's: what others add is not there every time, what a frame costs is.
            for (int again = 0; allocated > MostAllocated && again < 5; again++)
                allocated = Math.Min(allocated, (await MeasureAsync(end, frame)).Allocated);
            most = Math.Max(most, allocated);
        }

        Assert.InRange(most, 0, MostAllocated);
        // Damage that goes unnoticed (a learning rate, a number) and damage that does not: the fuzzer reaches both.
        Assert.True(taken > Count / 100 && refused > Count / 4, $"{taken} taken, {refused} refused");
    }

    [Theory]
    [InlineData(LinkEnd.Server)]
    [InlineData(LinkEnd.Device)]
    public async Task Every_sound_frame_is_taken(LinkEnd end)
    {
        foreach (byte[] frame in SoundFrames(end))
            Assert.True(await TakeAsync(end, frame), Convert.ToHexString(frame));
    }

    [Fact]
    public async Task A_header_full_of_tensors_costs_no_more_than_the_bound()
    {
        FrameHeader header = new() { Sequence = 1, StepUp = new StepUp { Start = 1, Round = 3 } };
        for (int tensor = 0; tensor < 32_000; tensor++)
            header.StepUp.Tensors.Add(new Tensor());
        byte[] frame = FrameOf(header, []);
        long before = GC.GetTotalAllocatedBytes();
        Assert.False(await TakeAsync(LinkEnd.Server, frame));
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, MostAllocated);
    }

    private static async Task<(bool IsTaken, long Allocated)> MeasureAsync(LinkEnd end, byte[] frame)
    {
        long before = GC.GetTotalAllocatedBytes();
        bool isTaken = await TakeAsync(end, frame);
        return (isTaken, GC.GetTotalAllocatedBytes() - before);
    }

    /// <summary>Whether a link in the middle of a round takes a frame; anything but a refusal or a lost connection fails the test.</summary>
    private static async Task<bool> TakeAsync(LinkEnd end, byte[] frame)
    {
        ResumableLink link = new(end, TinyNetwork.Network, new LinkOptions(TimeProvider.System) { Profile = _ => Task.FromResult("{}") });
        link.Agree(LinkPair.Agreement(3));
        if (end == LinkEnd.Server)
            link.Rules.Begin(1);
        else
            link.Rules.Sent(new Agreed.StepUp(3, 0, HostTensor.Zeros(EdgeSplit.Numerics.ElementType.Float32, new Shape(2, 6)), [0, 1]));
        try
        {
            await link.RunAsync(new FrameConnection(new ScriptedSocket(frame), TimeProvider.System), 0, default);
            return true;
        }
        catch (ConnectionLostException)
        {
            // The frame was taken, and then the connection ended; or it ended within the frame.
            return link.Meter.BytesReceived == frame.Length;
        }
        catch (RefusedException)
        {
            return true;
        }
        catch (ProtocolException)
        {
            return false;
        }
        finally
        {
            await link.DisposeAsync();
        }
    }

    private static IEnumerable<byte[]> SoundFrames(LinkEnd end)
    {
        yield return FrameOf(new FrameHeader { Ping = new Ping { Id = 7 } }, []);
        yield return FrameOf(new FrameHeader { Pong = new Pong { Id = 7 } }, []);
        yield return FrameOf(new FrameHeader { Confirm = new Confirm() }, []);
        yield return FrameOf(new FrameHeader { Goodbye = new Goodbye { Reason = "done" } }, []);
        yield return FrameOf(new FrameHeader { Error = new Error { Code = ErrorCode.Internal, Reason = "failed" } }, []);
        if (end == LinkEnd.Server)
        {
            yield return FrameOf(MessageHeader(new Agreed.StepUp(3, 0, TinyNetwork.SmashedOf(TinyNetwork.Cut, 2, 1), [0, 1]), start: 1), new byte[56]);
            byte[] weights = new byte[TinyNetwork.WeightsOf(TinyNetwork.Cut, 1).ByteCount];
            yield return FrameOf(MessageHeader(new Agreed.RoundEnd(3, TinyNetwork.WeightsOf(TinyNetwork.Cut, 1), null, 0.5), start: 1), weights);
            yield return FrameOf(new FrameHeader { ProbeResult = new ProbeResult { BitsPerSecond = 1e6 } }, []);
        }
        else
        {
            byte[] weights = new byte[TinyNetwork.WeightsOf(TinyNetwork.Cut, 1).ByteCount];
            LinkShare share = new(1e6, 2e6);
            yield return FrameOf(MessageHeader(new Agreed.RoundStart(4, TinyNetwork.Cut, 0.1, TinyNetwork.WeightsOf(TinyNetwork.Cut, 1), share), start: 1), weights);
            yield return FrameOf(MessageHeader(new Agreed.StepDown(3, 0, TinyNetwork.SmashedOf(TinyNetwork.Cut, 2, 1)), start: 0), new byte[48]);
            yield return FrameOf(new FrameHeader { Rate = new Rate { BitsPerSecond = 1e6 } }, []);
            yield return FrameOf(new FrameHeader { Probe = new Probe() }, new byte[100]);
            yield return FrameOf(new FrameHeader { ProbeRequest = new ProbeRequest { Bytes = 1000 } }, []);
            yield return FrameOf(new FrameHeader { Sequence = 1, ProfileRequest = new ProfileRequest() }, []);
        }
    }

    private static FrameHeader MessageHeader(Agreed message, ulong start)
    {
        RoundRules rules = new(LinkEnd.Server, TinyNetwork.Network, TensorEncoding.Float32);
        rules.Begin(start);
        FrameHeader header = MessageFormat.Write(message, sequence: 2, rules, TensorEncoding.Float32).Header;
        if (message is Agreed.RoundStart start1)
            start1.Weights.Dispose();
        else
            message.Discard();
        return header;
    }

    private static byte[] FrameOf(FrameHeader header, byte[] payload)
    {
        header.PayloadBytes = (ulong)payload.Length;
        byte[] bytes = header.ToByteArray();
        return [.. BitConverter.GetBytes(bytes.Length), .. bytes, .. payload];
    }

    private static byte[] Damage(byte[][] sound, SeededRandom random)
    {
        List<byte> frame = [.. sound[random.NextInt(sound.Length)]];
        for (int times = random.NextInt(4); times >= 0; times--)
        {
            int at = frame.Count == 0 ? 0 : random.NextInt(random.NextInt(4) == 0 ? frame.Count : Math.Min(frame.Count, 48));
            switch (random.NextInt(8))
            {
                case 0 or 1 when frame.Count > 0:
                    frame[at] ^= (byte)(1 << random.NextInt(8));
                    break;
                case 2 when frame.Count > 0:
                    frame[at] = (byte)random.NextBits();
                    break;
                case 3:
                    frame.Insert(at, (byte)random.NextBits());
                    break;
                case 4 when frame.Count > 0:
                    frame.RemoveAt(at);
                    break;
                case 5:
                    frame.RemoveRange(at, random.NextInt(frame.Count - at + 1));
                    break;
                case 6:
                    // A varint that claims as much as one can.
                    frame.InsertRange(at, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]);
                    break;
                case 7:
                    byte[] other = sound[random.NextInt(sound.Length)];
                    int from = random.NextInt(other.Length);
                    frame.InsertRange(at, other[from..(from + random.NextInt(other.Length - from + 1))]);
                    break;
            }
        }

        // Half of the time the length is right again, or hardly any damage would reach the header.
        if (frame.Count > 4 && random.NextInt(2) == 0)
        {
            int length = Math.Min(frame.Count - 4, BitConverter.ToInt32([.. sound[0].AsSpan(0, 4)]) + random.NextInt(100));
            BitConverter.GetBytes(length).CopyTo(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(frame));
        }

        return [.. frame];
    }
}
