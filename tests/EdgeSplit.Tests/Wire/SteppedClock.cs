namespace EdgeSplit.Tests.Wire;

/// <summary>Time that passes when a test says so; timers that are due fire then, in order, each at most <see cref="Lateness"/> late.</summary>
internal sealed class SteppedClock : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<StepTimer> timers = [];
    private long ticks;

    /// <summary>By how much the next timer to be set wakes late.</summary>
    public Func<TimeSpan> Lateness { get; init; } = () => TimeSpan.Zero;

    /// <summary>Timers that are set.</summary>
    public int TimerCount
    {
        get
        {
            lock (gate)
                return timers.Count;
        }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Volatile.Read(ref ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        StepTimer timer = new(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Lets time pass to the next timer, and fires it; false where there is none.</summary>
    public bool AdvanceToNextTimer()
    {
        StepTimer? next;
        lock (gate)
        {
            next = timers.MinBy(timer => timer.Due);
            if (next is null)
                return false;
            timers.Remove(next);
            Volatile.Write(ref ticks, Math.Max(ticks, next.Due));
        }

        next.Fire();
        return true;
    }

    /// <summary>Lets time pass, and fires what falls due.</summary>
    public void Advance(TimeSpan time)
    {
        long until = GetTimestamp() + time.Ticks;
        while (NextDue() <= until)
            AdvanceToNextTimer();
        Volatile.Write(ref ticks, until);
    }

    private long NextDue()
    {
        lock (gate)
            return timers.Count > 0 ? timers.Min(timer => timer.Due) : long.MaxValue;
    }

    private sealed class StepTimer(SteppedClock clock, Action fire) : ITimer
    {
        public long Due { get; private set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock.gate)
            {
                clock.timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan)
                    return true;
                Due = clock.GetTimestamp() + dueTime.Ticks + clock.Lateness().Ticks;
                clock.timers.Add(this);
            }

            return true;
        }

        public void Dispose()
        {
            lock (clock.gate)
                clock.timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
