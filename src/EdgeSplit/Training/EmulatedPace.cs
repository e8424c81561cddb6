using EdgeSplit.Planning.Costs;

namespace EdgeSplit.Training;

/// <summary>
/// Holds a device's work up until a slower machine would be done with it. Timers wake late and work takes its own time, so
/// what one wait overdoes the next one makes up for: over a round the time is the slower machine's.
/// </summary>
/// <param name="profile">The slower machine's costs.</param>
/// <param name="clock">Measures and waits.</param>
/// <param name="warn">Told once where this machine is the slower one: by what factor it takes longer.</param>
public sealed class EmulatedPace(Profile profile, TimeProvider clock, Action<double> warn) : DevicePace(clock)
{
    /// <summary>Timers count in milliseconds; what is shorter waits for the next piece of work.</summary>
    private const double ShortestWaitSeconds = 0.001;

    /// <summary>Work that says nothing of a machine's speed: the first pieces take far longer than all others.</summary>
    private const int PiecesOfWarmUp = 16;

    /// <summary>Work to look at, after those, before saying that this machine is too slow.</summary>
    private const int PiecesBeforeWarning = 20;

    private double owed;
    private double worked;
    private double claimed;
    private int pieces;
    private bool hasWarned;

    public override async ValueTask<double> PassAsync(DeviceWork work, int cut, int samples, double seconds, CancellationToken cancellation)
    {
        double target = SecondsOf(work, cut, samples);
        Compare(target, seconds);
        // A machine that stood still for long does not race afterwards: no more than one piece is made up for.
        owed = Math.Max(owed + target - seconds, -target);
        if (owed >= ShortestWaitSeconds)
        {
            long began = Clock.GetTimestamp();
            await Task.Delay(TimeSpan.FromSeconds(owed), Clock, cancellation).ConfigureAwait(false);
            owed -= Clock.GetElapsedTime(began).TotalSeconds;
        }

        return target;
    }

    private double SecondsOf(DeviceWork work, int cut, int samples) => work switch
    {
        DeviceWork.Forward => profile.ForwardSeconds(1, cut, samples),
        DeviceWork.Backward => profile.BackwardSeconds(1, cut, samples) + profile.StepSeconds(1, cut),
        _ => profile.ForwardSeconds(1, cut, samples) + profile.BackwardSeconds(1, cut, samples) + profile.StepSeconds(1, cut),
    };

    private void Compare(double target, double seconds)
    {
        if (hasWarned || ++pieces <= PiecesOfWarmUp)
            return;
        worked += seconds;
        claimed += target;
        if (pieces < PiecesOfWarmUp + PiecesBeforeWarning || worked <= claimed)
            return;
        hasWarned = true;
        warn(worked / claimed);
    }
}
