namespace EdgeSplit.Training;

/// <summary>A piece of a device's own work.</summary>
public enum DeviceWork
{
    /// <summary>Forward through blocks 1..cut.</summary>
    Forward,

    /// <summary>Backward through blocks 1..cut, and their optimizer step.</summary>
    Backward,

    /// <summary>Forward, backward and step of the whole network: full local.</summary>
    Whole,
}

/// <summary>How long a device's own work takes. This is a machine's own pace; a derived one may hold it up to a slower machine's.</summary>
public class DevicePace(TimeProvider clock)
{
    public TimeProvider Clock => clock;

    /// <summary>Called after every piece of work, off the lane; the device goes on when the result is there.</summary>
    /// <param name="work">What was done.</param>
    /// <param name="cut">Blocks 1..cut did it.</param>
    /// <param name="samples">Of the mini-batch.</param>
    /// <param name="seconds">What it took.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The seconds it counts for.</returns>
    public virtual ValueTask<double> PassAsync(DeviceWork work, int cut, int samples, double seconds, CancellationToken cancellation) =>
        ValueTask.FromResult(seconds);
}
