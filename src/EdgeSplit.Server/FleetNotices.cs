using EdgeSplit.Training;

namespace EdgeSplit.Server;

/// <summary>
/// Events of devices that come and go, which happen on connections of their own and before there is a run: kept until a run listens,
/// then told it one at a time with its own.
/// </summary>
public sealed class FleetNotices
{
    /// <summary>What one device may have recorded in a run: it cannot fill the disk.</summary>
    private const int MostOfOne = 20;

    private readonly Lock gate = new();
    private readonly Queue<RunEvent> waiting = [];
    private readonly Dictionary<string, int> told = [];
    private Action<RunEvent>? report;
    private Action<RunEvent>? meanwhile;

    /// <summary>Has a person told of what is kept while no run listens.</summary>
    public void TellMeanwhile(Action<RunEvent> tell)
    {
        lock (gate)
            meanwhile = tell;
    }

    /// <summary>Tells an event of a device; of one device no more than a few.</summary>
    public void Tell(DeviceRefused refused) => Tell(refused, refused.Device);

    /// <inheritdoc cref="Tell(DeviceRefused)"/>
    public void Tell(DeviceDataChanged changed) => Tell(changed, changed.Device);

    /// <summary>The same supervision, told of these events too, and of one event at a time; to be followed by <see cref="Begin"/>.</summary>
    public RunSupervision Watch(RunSupervision supervision)
    {
        Action<RunEvent> report = supervision.Report;
        Action<TrainingResult>? keep = supervision.RoundDone;
        return supervision with
        {
            Report = happened =>
            {
                lock (gate)
                    report(happened);
            },
            RoundDone = keep is null ? null : done =>
            {
                lock (gate)
                    keep(done);
            },
        };
    }

    /// <summary>A run has begun: it is told what was kept, and all that comes, until what is returned is disposed of.</summary>
    public IDisposable Begin(Action<RunEvent> report)
    {
        lock (gate)
        {
            this.report = report;
            while (waiting.TryDequeue(out RunEvent? happened))
                report(happened);
        }

        return new Ending(this);
    }

    private void Tell(RunEvent happened, string device)
    {
        lock (gate)
        {
            int count = told[device] = told.GetValueOrDefault(device) + 1;
            if (count > MostOfOne)
                return;
            if (report is not null)
            {
                report(happened);
                return;
            }

            waiting.Enqueue(happened);
            meanwhile?.Invoke(happened);
        }
    }

    private sealed class Ending(FleetNotices notices) : IDisposable
    {
        public void Dispose()
        {
            lock (notices.gate)
                notices.report = null;
        }
    }
}
