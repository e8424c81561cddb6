namespace EdgeSplit.Planning;

/// <summary>
/// The time that one plan may take. A search that meets the limit ends with the best plan that it has and what is proven of it; one that
/// is cancelled ends with an exception.
/// </summary>
/// <remarks>Where the limit cuts in depends on the machine, and so does the plan; a plan that ends before it does not.</remarks>
public sealed class PlanningTime
{
    /// <summary>The limit where nobody gives one: a minute.</summary>
    public static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(60);

    private readonly TimeProvider? clock;
    private readonly long started;
    private readonly CancellationToken cancellation;

    /// <summary>Begins now.</summary>
    /// <param name="clock">What measures it.</param>
    /// <param name="limit">How long; above zero.</param>
    /// <param name="cancellation">Gives the plan up.</param>
    public PlanningTime(TimeProvider clock, TimeSpan limit, CancellationToken cancellation = default)
    {
        this.clock = clock;
        this.cancellation = cancellation;
        Limit = limit;
        started = clock.GetTimestamp();
    }

    private PlanningTime() => Limit = Timeout.InfiniteTimeSpan;

    /// <summary>All the time there is.</summary>
    public static PlanningTime Unlimited { get; } = new();

    public TimeSpan Limit { get; }

    /// <summary>Whether a search was cut short.</summary>
    public bool IsMet { get; private set; }

    /// <summary>Whether a search must end now. Asked only where there is more to search.</summary>
    /// <param name="part">The part of the time that is the search's own.</param>
    /// <exception cref="OperationCanceledException">The plan was given up.</exception>
    internal bool IsOver(double part = 1)
    {
        cancellation.ThrowIfCancellationRequested();
        if (clock is null)
            return false;
        bool isOver = clock.GetElapsedTime(started) >= part * Limit;
        IsMet |= isOver;
        return isOver;
    }
}
