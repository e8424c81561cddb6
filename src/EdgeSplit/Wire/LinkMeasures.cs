using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;
using EdgeSplit.Numerics;
using EdgeSplit.Wire.Protocol;

namespace EdgeSplit.Wire;

/// <summary>The server's questions about a device and the link to it, and the device's answers.</summary>
internal sealed class LinkMeasures
{
    /// <summary>Of a profile's JSON.</summary>
    private const int LargestProfileBytes = 1024 * 1024;

    private const int FirstProbeBytes = 256 * 1024;
    private const int LargestProbeBytes = 16 * 1024 * 1024;
    private const int Pings = 3;

    /// <summary>Of the probe that counts. A reader may be some milliseconds late when the clock starts, and is not when it stops.</summary>
    private const double ProbeSeconds = 1;

    /// <summary>A probe that came much sooner is repeated with more bytes.</summary>
    private const double LeastProbeSeconds = 0.8;

    /// <summary>The first probe finds out how long one must be, and warms up what takes it; only if it was so long does it count.</summary>
    private const double LeastFirstProbeSeconds = 1;

    /// <summary>The largest probe comes so often without a rate; then the other end does not mean to have one.</summary>
    private const int LargestProbes = 3;

    private static readonly byte[] Noise = CreateNoise();
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ResumableLink link;
    private readonly LinkOptions options;
    private TaskCompletionSource<string>? profile;
    private TaskCompletionSource<double>? rate;
    private TaskCompletionSource<double>? pong;
    private long probeBytesAsked;

    public LinkMeasures(ResumableLink link, LinkOptions options)
    {
        this.link = link;
        this.options = options;
        Pacer = new Pacer(options.Clock) { CeilingBitsPerSecond = options.Emulation?.UplinkBitsPerSecond };
    }

    /// <summary>Of probes: the link's own rate, whatever share of it a round gives.</summary>
    public Pacer Pacer { get; }

    /// <summary>The payload of a frame that is not a message.</summary>
    public static IReadOnlyList<PayloadPart> PayloadOf(FrameHeader header)
    {
        if (header.PayloadBytes == 0)
            return [];
        List<PayloadPart> parts = [];
        for (long left = (long)header.PayloadBytes; left > 0; left -= Noise.Length)
            parts.Add(new PayloadPart(Noise.AsMemory(0, (int)Math.Min(left, Noise.Length))));
        return parts;
    }

    public async Task<string> ProfileAsync(CancellationToken cancellation)
    {
        TaskCompletionSource<string> answer = Expect(ref profile);
        link.Add(new FrameHeader { ProfileRequest = new ProfileRequest() }, []);
        return await answer.Task.WaitAsync(cancellation).ConfigureAwait(false);
    }

    public async Task<LinkMeasurement> ProbeAsync(CancellationToken cancellation)
    {
        for (ulong ping = 0; ping < Pings; ping++)
        {
            TaskCompletionSource<double> answer = Expect(ref pong);
            lock (link.Gate)
                link.Controls.Add(new Ping { Id = ulong.MaxValue - ping });
            link.Outgoing.Set();
            await answer.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }

        double down = await ProbeAsync(bytes => new FrameHeader { Probe = new Probe(), PayloadBytes = (ulong)bytes }, cancellation).ConfigureAwait(false);
        double up = await ProbeAsync(
            bytes =>
            {
                Volatile.Write(ref probeBytesAsked, bytes);
                return new FrameHeader { ProbeRequest = new ProbeRequest { Bytes = (uint)bytes } };
            },
            cancellation).ConfigureAwait(false);
        return new LinkMeasurement(up, down, link.Meter.RoundTripSeconds!.Value / 2);
    }

    /// <summary>Takes in a question or an answer.</summary>
    /// <exception cref="ProtocolException">It was not agreed.</exception>
    public async ValueTask TakeAsync(FrameHeader header, FrameConnection connection)
    {
        switch (header.ContentCase)
        {
            case FrameHeader.ContentOneofCase.ProfileRequest when link.End == LinkEnd.Device:
                Require(header, numbered: true, mostBytes: 0);
                if (IsNew(header))
                    _ = AnswerProfileAsync();
                break;
            case FrameHeader.ContentOneofCase.ProfileResult when link.End == LinkEnd.Server:
                Require(header, numbered: true, LargestProfileBytes);
                string json = await ReadTextAsync(header, connection).ConfigureAwait(false);
                if (IsNew(header) && Interlocked.Exchange(ref profile, null)?.TrySetResult(json) is null)
                    throw new ProtocolException("Expected no profile: none was asked for.");
                break;
            case FrameHeader.ContentOneofCase.ProbeRequest when link.End == LinkEnd.Device:
                Require(header, numbered: false, mostBytes: 0);
                uint bytes = header.ProbeRequest.Bytes;
                if (bytes is 0 or > LargestProbeBytes)
                    throw new ProtocolException($"Expected to be asked for 1 to {LargestProbeBytes} bytes, not for {bytes}.");
                Ask(new FrameHeader { Probe = new Probe(), PayloadBytes = bytes });
                break;
            case FrameHeader.ContentOneofCase.Probe:
                Require(header, numbered: false, LargestProbeBytes);
                if (link.End == LinkEnd.Server)
                    RequireAsked(header);
                await connection.DrainPayloadAsync().ConfigureAwait(false);
                TakeProbe(connection.LastFlow);
                break;
            case FrameHeader.ContentOneofCase.ProbeResult when link.End == LinkEnd.Server:
                Require(header, numbered: false, mostBytes: 0);
                double told = header.ProbeResult.BitsPerSecond;
                if (told != 0 && !(told >= 1 && double.IsFinite(told)))
                    throw new ProtocolException($"Expected the rate at which a probe came, or 0 where it was too quick to tell, received {told} bit/s.");
                Interlocked.Exchange(ref rate, null)?.TrySetResult(told);
                break;
            default:
                throw NotNow(header);
        }
    }

    public void Ponged() => Interlocked.Exchange(ref pong, null)?.TrySetResult(0);

    /// <summary>A probe does not outlive its connection, and is not handed on to the next; a profile is.</summary>
    public void ConnectionChanged()
    {
        ConnectionLostException lost = new("The connection broke during a probe.");
        Interlocked.Exchange(ref rate, null)?.TrySetException(lost);
        Interlocked.Exchange(ref pong, null)?.TrySetException(lost);
    }

    public void Fail(LinkClosedException closed)
    {
        Interlocked.Exchange(ref profile, null)?.TrySetException(closed);
        Interlocked.Exchange(ref rate, null)?.TrySetException(closed);
        Interlocked.Exchange(ref pong, null)?.TrySetException(closed);
    }

    private async Task<double> ProbeAsync(Func<int, FrameHeader> question, CancellationToken cancellation)
    {
        int bytes = FirstProbeBytes, largest = 0;
        for (bool isFirst = true; largest < LargestProbes; isFirst = false)
        {
            TaskCompletionSource<double> answer = Expect(ref rate);
            Ask(question(bytes));
            double bitsPerSecond = await answer.Task.WaitAsync(cancellation).ConfigureAwait(false);
            bool isLong = bitsPerSecond > 0 && bytes * 8.0 / bitsPerSecond >= (isFirst ? LeastFirstProbeSeconds : LeastProbeSeconds);
            if (isLong || (bytes == LargestProbeBytes && bitsPerSecond > 0))
                return bitsPerSecond;
            largest += bytes == LargestProbeBytes ? 1 : 0;
            // A link may be slow to get going: what it seems to carry at first is not taken for what it carries.
            double wanted = bitsPerSecond > 0 ? bitsPerSecond * ProbeSeconds / 8 : LargestProbeBytes;
            bytes = (int)Math.Min(LargestProbeBytes, Math.Clamp(wanted, isFirst ? bytes : 2.0 * bytes, 8.0 * bytes));
        }

        throw new ProtocolException($"Expected the rate at which {LargestProbeBytes} bytes came, received none {LargestProbes} times.");
    }

    /// <summary>At the server a probe comes once for each request, and of the size it asked for: another one measures nothing.</summary>
    private void RequireAsked(FrameHeader header)
    {
        long asked = Interlocked.Exchange(ref probeBytesAsked, 0);
        if (asked == 0 || Volatile.Read(ref rate) is null)
            throw NotNow(header);
        if (header.PayloadBytes != (ulong)asked)
            throw new ProtocolException($"Expected a probe of {asked} bytes, received a claim of {header.PayloadBytes}.");
    }

    private void TakeProbe(Flow flow)
    {
        double bitsPerSecond = flow.BitsPerSecond ?? 0;
        if (link.End == LinkEnd.Server)
            Interlocked.Exchange(ref rate, null)?.TrySetResult(bitsPerSecond);
        else
            Ask(new FrameHeader { ProbeResult = new ProbeResult { BitsPerSecond = bitsPerSecond } });
    }

    private void Ask(FrameHeader header)
    {
        lock (link.Gate)
            link.Controls.AddProbe(header);
        link.Outgoing.Set();
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever fails a profile reaches the server through the link.")]
    private async Task AnswerProfileAsync()
    {
        try
        {
            if (options.Profile is null)
                throw new RefusedException(ErrorCode.Unsuitable, "This device cannot be profiled.");
            byte[] json = StrictUtf8.GetBytes(await options.Profile(CancellationToken.None).ConfigureAwait(false));
            link.Add(new FrameHeader { ProfileResult = new ProfileResult(), PayloadBytes = (ulong)json.Length }, [new PayloadPart(json)]);
        }
        catch (Exception cause)
        {
            link.Close(cause);
        }
    }

    private static async ValueTask<string> ReadTextAsync(FrameHeader header, FrameConnection connection)
    {
        byte[] text = new byte[header.PayloadBytes];
        await connection.ReceivePayloadAsync(text).ConfigureAwait(false);
        try
        {
            return StrictUtf8.GetString(text);
        }
        catch (DecoderFallbackException)
        {
            throw new ProtocolException("Expected a profile as UTF-8, received what is none.");
        }
    }

    /// <summary>Takes note of a numbered frame; false where it came before.</summary>
    private bool IsNew(FrameHeader header)
    {
        bool isNew;
        lock (link.Gate)
        {
            isNew = header.Sequence > link.LastReceived;
            link.Confirm(header.Sequence, default);
        }

        link.Outgoing.Set();
        return isNew;
    }

    private TaskCompletionSource<T> Expect<T>(ref TaskCompletionSource<T>? slot)
    {
        TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref slot, answer);
        return link.Closed is { } closed ? throw new LinkClosedException(closed.Message, closed.InnerException) : answer;
    }

    private ProtocolException NotNow(FrameHeader header) => new($"{header.ContentCase} is not for a {link.End} to receive now.");

    private static void Require(FrameHeader header, bool numbered, uint mostBytes)
    {
        if ((header.Sequence != 0) != numbered || header.PayloadBytes > mostBytes)
            throw new ProtocolException(
                $"Expected {header.ContentCase} {(numbered ? "with" : "without")} a number and with at most {mostBytes} bytes, "
                + $"received number {header.Sequence} and a claim of {header.PayloadBytes} bytes.");
    }

    private static byte[] CreateNoise()
    {
        byte[] noise = new byte[FrameConnection.DefaultFragmentBytes];
        SeededRandom random = new(seed: 1);
        foreach (ref ulong word in MemoryMarshal.Cast<byte, ulong>(noise.AsSpan()))
            word = random.NextBits();
        return noise;
    }
}
