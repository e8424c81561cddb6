namespace EdgeSplit.Wire;

/// <summary>
/// Holds a sender to a rate: every piece goes when a link of that rate would have carried it, kept as the time by which all pieces
/// so far have gone. A timer that wakes late costs nothing, since the next piece is due by that time and not by the timer, as long as
/// it is no later than <see cref="Burst"/>. For one sender.
/// </summary>
public sealed class Pacer(TimeProvider clock)
{
    /// <summary>What is made up for at most, in time at the present rate: longer than a busy machine's timers are late.</summary>
    public static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(40);

    /// <summary>What is sent at a time, in time at the present rate.</summary>
    public static readonly TimeSpan Piece = TimeSpan.FromMilliseconds(20);

    /// <summary>Smaller pieces would cost more in WebSocket headers than they give, unless a link is so slow that its other end waits for them.</summary>
    private const int SmallPieceBytes = 2048;

    private const int SmallestPieceBytes = 128;
    private const double LongestPieceSeconds = 1;

    private double bitsPerSecond = double.PositiveInfinity;
    private double ceiling = double.PositiveInfinity;
    private long paid = long.MinValue;

    /// <summary>The rate; null for no limit. May change at any time, and holds from the next piece.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a positive number.</exception>
    public double? BitsPerSecond
    {
        get => Limit(ref bitsPerSecond);
        set => Set(ref bitsPerSecond, value);
    }

    /// <summary>The rate of the link itself, where one is played; null for no limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a positive number.</exception>
    public double? CeilingBitsPerSecond
    {
        get => Limit(ref ceiling);
        set => Set(ref ceiling, value);
    }

    private double Rate => Math.Min(Volatile.Read(ref bitsPerSecond), Volatile.Read(ref ceiling));

    /// <summary>How much of <paramref name="largest"/> bytes to send at a time.</summary>
    public int PieceBytes(int largest)
    {
        double bytesPerSecond = Rate / 8;
        double least = Math.Clamp(bytesPerSecond * LongestPieceSeconds, SmallestPieceBytes, SmallPieceBytes);
        return (int)Math.Clamp(bytesPerSecond * Piece.TotalSeconds, Math.Min(least, largest), largest);
    }

    /// <summary>A message begins: while nothing was sent the link stood idle, and that is not made up for.</summary>
    public void Begin() => paid = Math.Max(paid, clock.GetTimestamp());

    /// <summary>Waits until so many bytes would have gone.</summary>
    public ValueTask PaceAsync(int bytes, CancellationToken cancellation)
    {
        double rate = Rate;
        if (double.IsPositiveInfinity(rate))
            return ValueTask.CompletedTask;
        long now = clock.GetTimestamp();
        long began = Math.Max(paid, now - (long)(Burst.TotalSeconds * clock.TimestampFrequency));
        paid = began + (long)(bytes * 8.0 / rate * clock.TimestampFrequency);
        return paid <= now ? ValueTask.CompletedTask : new ValueTask(Task.Delay(clock.GetElapsedTime(now, paid), clock, cancellation));
    }

    private static double? Limit(ref double field) => Volatile.Read(ref field) is var value && double.IsFinite(value) ? value : null;

    private static void Set(ref double field, double? value)
    {
        if (value is { } rate)
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rate, nameof(value));
        Volatile.Write(ref field, value ?? double.PositiveInfinity);
    }
}
