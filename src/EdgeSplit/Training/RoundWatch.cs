using System.Diagnostics.CodeAnalysis;

namespace EdgeSplit.Training;

/// <summary>
/// Tells whom a round waits for, where it takes far longer than it should: without a deadline a device that is alive and never done
/// would hold it without a word. It changes nothing of the round.
/// </summary>
internal sealed class RoundWatch : IAsyncDisposable
{
    /// <summary>A round is overdue beyond so many times what it should take.</summary>
    private const double Factor = 3;

    /// <summary>Nobody wonders about a shorter wait, in seconds.</summary>
    private const double LeastSeconds = 60;

    private readonly RoundAttempt attempt;
    private readonly double? claimedSeconds;
    private readonly long began;
    private readonly ITimer timer;
    private double next;

    /// <param name="attempt">At the round, about to begin.</param>
    /// <param name="claimedSeconds">What the plan claims it takes; null where nothing is known of times.</param>
    /// <param name="secondsBefore">What the round before took; null before the first.</param>
    public RoundWatch(RoundAttempt attempt, double? claimedSeconds, double? secondsBefore)
    {
        this.attempt = attempt;
        this.claimedSeconds = claimedSeconds;
        began = attempt.Run.Clock.GetTimestamp();
        double longest = RoundAttempt.LongestSeconds / 4;
        next = Math.Min(longest, Math.Max(LeastSeconds, Factor * Math.Max(claimedSeconds ?? 0, secondsBefore ?? 0)));
        timer = attempt.Run.Clock.CreateTimer(_ => Tell(), null, TimeSpan.FromSeconds(next), Timeout.InfiniteTimeSpan);
    }

    /// <summary>No more is told when the call returns.</summary>
    public ValueTask DisposeAsync() => timer.DisposeAsync();

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "What fails here fails the round's next event too, where someone hears of it.")]
    private void Tell()
    {
        // After 1, 2, 4, ... times as long: a night's wait is a handful of lines.
        timer.Change(TimeSpan.FromSeconds(next), Timeout.InfiniteTimeSpan);
        next = Math.Min(2 * next, RoundAttempt.LongestSeconds);
        IReadOnlyList<string> devices = attempt.WaitedFor;
        if (devices.Count > 0)
        {
            double seconds = Math.Round(attempt.Run.Clock.GetElapsedTime(began).TotalSeconds, 3);
            try
            {
                attempt.Run.Report(new RoundWaiting(attempt.Terms.Round, seconds, devices) { ClaimedSeconds = claimedSeconds });
            }
            catch (Exception)
            {
                // On a timer's thread it would end the process.
            }
        }
    }
}
