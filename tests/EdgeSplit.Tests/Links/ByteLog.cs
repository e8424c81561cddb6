using System.Globalization;

namespace EdgeSplit.Tests.Links;

/// <summary>
/// What went over a host's cable, and when: the kernel's own counters, read again and again. A link takes turns: while one end sends a
/// message the other is silent, so a message is what goes one way between two that go the other.
/// </summary>
internal sealed class ByteLog : IAsyncDisposable
{
    /// <summary>Ethernet, IPv4, and TCP with its time stamps: not a sender's own bytes.</summary>
    private const int HeaderBytes = 14 + 20 + 32;

    /// <summary>Less at a time is no message's: confirmations, heartbeats.</summary>
    private const int LeastBytes = 1000;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly CancellationTokenSource ended = new();
    private readonly List<Sample> samples = [];
    private readonly Task reading;

    /// <param name="process">Of the host.</param>
    public ByteLog(int process)
    {
        reading = Task.Run(() => ReadAsync($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/net/dev"));
    }

    /// <summary>No more is read; what was read stays.</summary>
    public async ValueTask DisposeAsync()
    {
        if (ended.IsCancellationRequested)
            return;
        await ended.CancelAsync();
        await reading;
        ended.Dispose();
    }

    /// <summary>Bits per second over every window of so many seconds within one message, in steps of 50 ms.</summary>
    public IReadOnlyList<double> RatesSent(double windowSeconds) => Rates(sample => sample.Sent, sample => sample.Received, windowSeconds);

    /// <inheritdoc cref="RatesSent"/>
    public IReadOnlyList<double> RatesReceived(double windowSeconds) => Rates(sample => sample.Received, sample => sample.Sent, windowSeconds);

    private List<double> Rates(Func<Sample, long> one, Func<Sample, long> other, double windowSeconds)
    {
        const double Step = 0.05;
        List<double> rates = [];
        foreach ((int first, int last) in Messages(one, other))
        {
            for (double begin = samples[first].Seconds; begin + windowSeconds <= samples[last].Seconds; begin += Step)
                rates.Add((At(one, first, begin + windowSeconds) - At(one, first, begin)) * 8 / windowSeconds);
        }

        return rates;
    }

    /// <summary>From the sample after a message's first bytes to that after its last.</summary>
    private IEnumerable<(int First, int Last)> Messages(Func<Sample, long> one, Func<Sample, long> other)
    {
        int first = -1, last = -1;
        for (int index = 1; index < samples.Count; index++)
        {
            bool isOther = other(samples[index]) - other(samples[index - 1]) >= LeastBytes;
            if (isOther && first >= 0)
            {
                yield return (first, last);
                first = -1;
            }

            if (one(samples[index]) - one(samples[index - 1]) < LeastBytes)
                continue;
            last = index;
            if (first < 0)
                first = index;
        }

        if (first >= 0)
            yield return (first, last);
    }

    /// <summary>Bytes that had gone by a time: as between the samples around it.</summary>
    private double At(Func<Sample, long> counter, int from, double seconds)
    {
        int after = from;
        while (samples[after].Seconds < seconds)
            after++;
        if (after == from)
            return counter(samples[from]);
        (Sample left, Sample right) = (samples[after - 1], samples[after]);
        double part = (seconds - left.Seconds) / (right.Seconds - left.Seconds);
        return counter(left) + (part * (counter(right) - counter(left)));
    }

    private async Task ReadAsync(string path)
    {
        long began = TimeProvider.System.GetTimestamp();
        using PeriodicTimer timer = new(Pause, TimeProvider.System);
        try
        {
            do
            {
                string? line = (await File.ReadAllLinesAsync(path, ended.Token))
                    .FirstOrDefault(one => one.TrimStart().StartsWith(LinkLab.Interface + ":", StringComparison.Ordinal));
                if (line is null)
                    continue;
                long[] counters = [.. line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..]
                    .Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => long.Parse(text, CultureInfo.InvariantCulture))];
                samples.Add(new Sample(
                    TimeProvider.System.GetElapsedTime(began).TotalSeconds, counters[8] - (HeaderBytes * counters[9]), counters[0] - (HeaderBytes * counters[1])));
            }
            while (await timer.WaitForNextTickAsync(ended.Token));
        }
        catch (Exception end) when (end is OperationCanceledException or IOException)
        {
            // The process has ended, and its host's counters with it; or no one asks any more.
        }
    }

    /// <param name="Seconds">Since the log began.</param>
    /// <param name="Sent">Bytes of TCP's payload.</param>
    /// <param name="Received">As well.</param>
    private sealed record Sample(double Seconds, long Sent, long Received);
}
