namespace EdgeSplit.Simulation;

/// <summary>Whom a free server lane serves next.</summary>
public enum ServerOrder
{
    /// <summary>Whose data came first.</summary>
    FirstCome,

    /// <summary>Who has the most left to do after it (Schrage's rule).</summary>
    LargestTailFirst,
}

/// <summary>The lanes of a server and the queue before them.</summary>
/// <param name="capacity">Seconds of work per second: so many whole lanes, or one slow one below 1.</param>
/// <param name="order">Whom to serve next.</param>
internal sealed class ServerLanes(double capacity, ServerOrder order)
{
    private readonly EventQueue waiting = new();
    private int free = (int)Math.Min(int.MaxValue, Math.Max(1, Math.Floor(capacity)));
    private long arrivals;
    private readonly Dictionary<long, int> deviceOf = [];

    /// <summary>Seconds of work per second of one lane.</summary>
    public double Speed { get; } = Math.Min(1, capacity);

    /// <param name="device">Whose work comes.</param>
    /// <param name="tail">Seconds the device has to do after it.</param>
    public void Arrive(int device, double tail)
    {
        deviceOf[arrivals] = device;
        waiting.Add(order == ServerOrder.LargestTailFirst ? -tail : arrivals, arrivals);
        arrivals++;
    }

    /// <summary>A lane has become free.</summary>
    public void Release() => free++;

    /// <summary>Takes the next device to a free lane; false if there is none of one or the other.</summary>
    public bool TryStart(out int device)
    {
        device = -1;
        if (free == 0 || waiting.Count == 0)
            return false;
        free--;
        deviceOf.Remove(waiting.Take().Item, out device);
        return true;
    }
}
