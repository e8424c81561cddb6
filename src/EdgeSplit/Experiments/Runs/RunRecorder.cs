using EdgeSplit.Data;
using EdgeSplit.Training;

namespace EdgeSplit.Experiments.Runs;

/// <summary>
/// Writes a run's events to its folder as they come: <c>events.jsonl</c> and <c>metrics.csv</c>, each flushed after every
/// event, and <c>plan.json</c> with every plan, so that what is on disk is never more than one event behind. Events come one at a time.
/// </summary>
public sealed class RunRecorder : IDisposable
{
    private readonly RunClaim claim;
    private readonly RunFolder folder;
    private readonly TimeProvider time;
    private readonly long started;
    private readonly double secondsBefore;
    private readonly string experimentDigest;
    private readonly FileStream eventStream;
    private readonly FileStream metricStream;
    private readonly StreamWriter events;
    private readonly MetricsFile metrics;
    private readonly PlanRecord plans;

    /// <param name="claim">Of a run that has begun, where it is written; held until the end.</param>
    /// <param name="time">What stamps events.</param>
    /// <param name="from">What is recorded after it is cut off; null to replace all that is there.</param>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public RunRecorder(RunClaim claim, TimeProvider time, Checkpoint? from = null)
    {
        this.claim = claim;
        folder = claim.Folder;
        this.time = time;
        started = time.GetTimestamp();
        secondsBefore = from?.ElapsedSeconds ?? 0;
        experimentDigest = claim.Origin.Digest;
        folder.DeleteUnfinished();
        eventStream = Open(folder.EventsPath, from?.EventBytes ?? 0);
        metricStream = Open(folder.MetricsPath, from?.MetricBytes ?? 0);
        events = new StreamWriter(eventStream) { NewLine = "\n" };
        metrics = new MetricsFile(metricStream);
        plans = new PlanRecord(folder, from is null ? [] : folder.ReadSoundEvents().OfType<RoundPlanned>());
    }

    /// <summary>Seconds since recording began, those before the run was resumed included.</summary>
    public double ElapsedSeconds => secondsBefore + time.GetElapsedTime(started).TotalSeconds;

    /// <summary>What goes with every checkpoint's weights; null for none.</summary>
    public DataContract? Contract { get; init; }

    /// <summary>Stamps the event with the time and writes it.</summary>
    /// <returns>The event as it was written.</returns>
    public RunEvent Record(RunEvent runEvent)
    {
        RunEvent stamped = runEvent with { Time = time.GetUtcNow(), ElapsedSeconds = Math.Round(ElapsedSeconds, 6) };
        events.WriteLine(RunEvents.ToLine(stamped));
        events.Flush();
        metrics.Record(stamped);
        if (stamped is RoundPlanned planned)
            plans.Add(planned);
        return stamped;
    }

    /// <summary>
    /// Tells, after the event that the run begins or goes on, of every change that is not recorded yet: a process that was killed may have written it
    /// down, and what it recorded is gone with the round at work.
    /// </summary>
    /// <param name="report">Told of all events.</param>
    public Action<RunEvent> WithChanges(Action<RunEvent> report)
    {
        Queue<SettingsChanged> left = new(claim.Origin.ToEvents(folder.ExperimentPath).Except(
            folder.ReadSoundEvents().OfType<SettingsChanged>().Select(changed => changed with { Time = null, ElapsedSeconds = null })));
        return happened =>
        {
            report(happened);
            while (happened is RunStarted or RunResumed && left.TryDequeue(out SettingsChanged? changed))
                report(changed);
        };
    }

    /// <summary>Puts what is recorded on the disk, then a checkpoint of it.</summary>
    /// <param name="roundDone">What training came to after a round, of which no more will be recorded.</param>
    /// <exception cref="IOException">The folder cannot be written; the checkpoints before are intact.</exception>
    public void Keep(TrainingResult roundDone)
    {
        metrics.EndRound();
        eventStream.Flush(flushToDisk: true);
        metricStream.Flush(flushToDisk: true);
        Checkpoint checkpoint = new(
            roundDone.Rounds, roundDone.Evaluation, experimentDigest, ElapsedSeconds, eventStream.Position, metricStream.Position);
        folder.Checkpoints.Write(checkpoint, roundDone.Weights, roundDone.Velocity, Contract);
    }

    public void Dispose()
    {
        events.Dispose();
        metrics.Dispose();
        plans.Dispose();
    }

    /// <summary>Readable by others while it is being written: people follow runs with <c>tail -f</c>.</summary>
    private static FileStream Open(string path, long kept)
    {
        FileStream stream = new(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        stream.SetLength(Math.Min(kept, stream.Length));
        stream.Seek(0, SeekOrigin.End);
        return stream;
    }
}
