using EdgeSplit.Training;

namespace EdgeSplit.Experiments.Runs;

/// <summary>
/// Writes a run's events to its folder as they come: <c>events.jsonl</c> and <c>metrics.csv</c>, each flushed after every
/// event, and <c>plan.json</c> with every plan, so that what is on disk is never more than one event behind. Events come one at a time.
/// </summary>
public sealed class RunRecorder : IDisposable
{
    private readonly TimeProvider time;
    private readonly long started;
    private readonly StreamWriter events;
    private readonly MetricsFile metrics;
    private readonly PlanRecord plans;

    /// <param name="folder">Where; events of an earlier run there are replaced.</param>
    /// <param name="time">What stamps them.</param>
    public RunRecorder(RunFolder folder, TimeProvider time)
    {
        this.time = time;
        started = time.GetTimestamp();
        events = new StreamWriter(Open(folder.EventsPath)) { NewLine = "\n" };
        metrics = new MetricsFile(Open(folder.MetricsPath));
        plans = new PlanRecord(folder);
    }

    /// <summary>Stamps the event with the time and writes it.</summary>
    /// <returns>The event as it was written.</returns>
    public RunEvent Record(RunEvent runEvent)
    {
        RunEvent stamped = runEvent with
        {
            Time = time.GetUtcNow(),
            ElapsedSeconds = Math.Round(time.GetElapsedTime(started).TotalSeconds, 6),
        };
        events.WriteLine(RunEvents.ToLine(stamped));
        events.Flush();
        metrics.Record(stamped);
        if (stamped is RoundPlanned planned)
            plans.Add(planned);
        return stamped;
    }

    public void Dispose()
    {
        events.Dispose();
        metrics.Dispose();
        plans.Dispose();
    }

    /// <summary>Readable by others while it is being written: people follow runs with <c>tail -f</c>.</summary>
    private static FileStream Open(string path) => new(path, FileMode.Create, FileAccess.Write, FileShare.Read);
}
