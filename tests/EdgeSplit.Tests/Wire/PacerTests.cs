using EdgeSplit.Numerics;
using EdgeSplit.Wire;

namespace EdgeSplit.Tests.Wire;

public class PacerTests
{
    private const int Fragment = FrameConnection.DefaultFragmentBytes;
    private const double WindowSeconds = 2;

    [Theory]
    [InlineData(100e3)]
    [InlineData(2e6)]
    [InlineData(50e6)]
    [InlineData(5e9)]
    public async Task Over_any_two_seconds_a_sender_keeps_to_its_share_though_timers_wake_late(double bitsPerSecond)
    {
        SeededRandom random = new(5);
        SteppedClock clock = new() { Lateness = () => TimeSpan.FromMilliseconds(10 * random.NextDouble()) };
        Pacer pacer = new(clock) { BitsPerSecond = bitsPerSecond };
        List<(double Seconds, int Bytes)> sends = await SendForAsync(pacer, clock, seconds: 10);
        AssertKeepsTo(bitsPerSecond, sends);
    }

    [Fact]
    public async Task After_a_pause_no_more_than_the_burst_is_made_up_for()
    {
        SteppedClock clock = new();
        Pacer pacer = new(clock) { BitsPerSecond = 8e6 };
        await SendForAsync(pacer, clock, seconds: 1);
        clock.Advance(TimeSpan.FromSeconds(60));
        int atOnce = 0;
        while (pacer.PaceAsync(1000, default).AsTask().IsCompleted)
            atOnce += 1000;
        Assert.InRange(atOnce, 1000, (Pacer.Burst.TotalSeconds * 1e6) + 1000);
    }

    [Fact]
    public void A_message_that_begins_makes_up_for_nothing()
    {
        SteppedClock clock = new();
        Pacer pacer = new(clock) { BitsPerSecond = 8e6 };
        clock.Advance(TimeSpan.FromSeconds(60));
        pacer.Begin();
        Assert.False(pacer.PaceAsync(1000, default).AsTask().IsCompleted);
    }

    [Fact]
    public async Task A_new_rate_holds_from_the_next_piece()
    {
        SteppedClock clock = new();
        Pacer pacer = new(clock) { BitsPerSecond = 1e6 };
        await SendForAsync(pacer, clock, seconds: 3);
        pacer.BitsPerSecond = 4e6;
        List<(double Seconds, int Bytes)> faster = await SendForAsync(pacer, clock, seconds: 6);
        AssertKeepsTo(4e6, faster);
    }

    [Fact]
    public async Task The_rate_of_a_played_link_bounds_whatever_is_lent()
    {
        SteppedClock clock = new();
        Pacer pacer = new(clock) { BitsPerSecond = 9e6, CeilingBitsPerSecond = 3e6 };
        AssertKeepsTo(3e6, await SendForAsync(pacer, clock, seconds: 6));
        pacer.BitsPerSecond = null;
        AssertKeepsTo(3e6, await SendForAsync(pacer, clock, seconds: 6));
    }

    [Fact]
    public void Without_a_rate_nothing_waits_and_fragments_are_whole()
    {
        Pacer pacer = new(new SteppedClock());
        Assert.True(pacer.PaceAsync(int.MaxValue, default).AsTask().IsCompletedSuccessfully);
        Assert.True(pacer.PaceAsync(int.MaxValue, default).AsTask().IsCompletedSuccessfully);
        Assert.Equal(Fragment, pacer.PieceBytes(Fragment));
    }

    [Fact]
    public void Pieces_are_short_in_time_but_never_mostly_header()
    {
        Pacer pacer = new(new SteppedClock()) { BitsPerSecond = 8e6 };
        Assert.Equal(20_000, pacer.PieceBytes(Fragment));
        pacer.BitsPerSecond = 20_000;
        Assert.Equal(2048, pacer.PieceBytes(Fragment));
        // A second of a very slow link: the other end takes a longer silence for a lost connection.
        pacer.BitsPerSecond = 4000;
        Assert.Equal(500, pacer.PieceBytes(Fragment));
        Assert.Equal(100, pacer.PieceBytes(100));
    }

    [Fact]
    public async Task A_wait_ends_when_it_is_cancelled()
    {
        Pacer pacer = new(new SteppedClock()) { BitsPerSecond = 1 };
        using CancellationTokenSource cancellation = new();
        Task waiting = pacer.PaceAsync(1000, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
    }

    private static async Task<List<(double Seconds, int Bytes)>> SendForAsync(Pacer pacer, SteppedClock clock, double seconds)
    {
        List<(double Seconds, int Bytes)> sends = [];
        long began = clock.GetTimestamp();
        while (clock.GetElapsedTime(began).TotalSeconds < seconds)
        {
            int bytes = pacer.PieceBytes(Fragment);
            ValueTask pace = pacer.PaceAsync(bytes, default);
            while (!pace.IsCompleted)
                clock.AdvanceToNextTimer();
            await pace;
            sends.Add((clock.GetElapsedTime(began).TotalSeconds, bytes));
        }

        return sends;
    }

    private static void AssertKeepsTo(double bitsPerSecond, List<(double Seconds, int Bytes)> sends)
    {
        Assert.NotEmpty(sends);
        // What was sent at the end of one window is sent at the beginning of the next: half a piece each way is the grain of it.
        double grain = sends[0].Bytes * 8 / (bitsPerSecond * WindowSeconds);
        for (double start = 0.1; start + WindowSeconds < sends[^1].Seconds; start += 0.05)
        {
            double bits = sends.Where(send => send.Seconds >= start && send.Seconds < start + WindowSeconds).Sum(send => send.Bytes * 8.0);
            Assert.InRange(bits / (bitsPerSecond * WindowSeconds), 0.95 - grain, 1.05 + grain);
        }
    }
}
