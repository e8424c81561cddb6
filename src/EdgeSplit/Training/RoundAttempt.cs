using System.Diagnostics.CodeAnalysis;
using EdgeSplit.Compute;

namespace EdgeSplit.Training;

/// <summary>
/// One attempt at a round, for a method to carry out: who takes part, from which weights, and devices that do their parts.
/// Whoever fails is left out and told of here, so that a method only sees updates that count.
/// </summary>
internal sealed class RoundAttempt
{
    /// <summary>What a timer can wait for, about.</summary>
    internal const double LongestSeconds = 30 * 24 * 3600;

    private readonly DeviceRound device;
    private readonly CancellationToken abandon;
    private readonly HashSet<int> atWork = [];

    /// <param name="run">The run's.</param>
    /// <param name="terms">The round's.</param>
    /// <param name="assignments">A part for each participant, in fleet order.</param>
    /// <param name="abandon">Gives the round up.</param>
    public RoundAttempt(RunSetting run, RoundTerms terms, IReadOnlyList<Assignment> assignments, CancellationToken abandon)
    {
        (Run, Terms, Assignments, this.abandon) = (run, terms, assignments, abandon);
        device = new DeviceRound(run);
        Collected = new RoundCollection(terms.Round, assignments.Count, run.Failures.UpdatesNeeded(assignments.Count));
    }

    public RunSetting Run { get; }

    public RoundTerms Terms { get; }

    public IReadOnlyList<Assignment> Assignments { get; }

    public RoundCollection Collected { get; }

    /// <summary>Whether a device at work is one that the round waits for: not one that itself waits for others.</summary>
    public Func<int, bool> HoldsUp { get; set; } = _ => true;

    /// <summary>The names of the devices that the round waits for now, in fleet order.</summary>
    public IReadOnlyList<string> WaitedFor
    {
        get
        {
            lock (atWork)
                return [.. Assignments.Where(one => atWork.Contains(one.Device) && HoldsUp(one.Device)).Select(one => Run.Fleet.NameOf(one.Device))];
        }
    }

    /// <summary>The weights the round starts from.</summary>
    public Weights Global => Terms.Global;

    /// <summary>How long it waits for devices that work side by side, or for each where they take turns; null for as long as it takes.</summary>
    public double? DeadlineSeconds => Terms.DeadlineSeconds is { } seconds ? Math.Min(seconds, LongestSeconds) : null;

    /// <summary>The one cut of all devices.</summary>
    /// <exception cref="InvalidOperationException">They have several.</exception>
    public int CommonCut => Assignments.Select(one => one.Cut).Distinct().ToArray() is [int cut]
        ? cut
        : throw new InvalidOperationException("The devices share a server side, but not a cut.");

    /// <summary>The device's weight in a mean.</summary>
    public long SamplesOf(Assignment assignment) => Run.Fleet.SamplesOf(assignment.Device);

    /// <summary>A part with a server side of the device's own.</summary>
    /// <param name="assignment">The device's.</param>
    /// <param name="deviceSide">Weights of blocks 1..c at least.</param>
    /// <param name="serverSide">Weights of blocks c+1..L at least.</param>
    public DevicePart PartOf(Assignment assignment, Weights deviceSide, Weights serverSide) => new(
        assignment, deviceSide, () => new ServerReplica(Run.Network, Run.Training, Run.Lanes, assignment, Terms.LearningRate, serverSide));

    /// <summary>Has one device do its part; the deadline is its own.</summary>
    /// <returns>Its update, the caller's to dispose; null where it failed.</returns>
    public async Task<DeviceUpdate?> TrainAsync(DevicePart part)
    {
        using CancellationTokenSource late = StartDeadline();
        return await CollectAsync(part.Assignment, Start(part, late.Token, abandon)).ConfigureAwait(false);
    }

    /// <summary>Has all devices do their parts side by side, with one deadline.</summary>
    /// <param name="atOnce">How many at once.</param>
    /// <param name="partOf">The part of each, asked for when it begins.</param>
    /// <param name="take">Gets the updates in fleet order, as they come in; they are lent for the call.</param>
    public async Task TrainSideBySideAsync(int atOnce, Func<Assignment, DevicePart> partOf, Action<Assignment, DeviceUpdate> take)
    {
        using CancellationTokenSource late = StartDeadline();
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(abandon);
        Queue<(Assignment Assignment, Task<DeviceUpdate> Update)> atWork = [];
        TaskCompletionSource lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int spare = Assignments.Count - Run.Failures.UpdatesNeeded(Assignments.Count);
        try
        {
            foreach (Assignment assignment in Assignments)
            {
                if (atWork.Count == atOnce)
                    await CollectNextAsync().ConfigureAwait(false);
                if (Collected.IsLost)
                    break;
                Task<DeviceUpdate> update = Start(partOf(assignment), late.Token, ended.Token);
                atWork.Enqueue((assignment, update));
                _ = update.ContinueWith(NoteFailure, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }

            while (atWork.Count > 0 && !Collected.IsLost)
                await CollectNextAsync().ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await DiscardAsync(atWork.Select(device => device.Update)).ConfigureAwait(false);
        }

        void NoteFailure(Task failed)
        {
            if (Interlocked.Decrement(ref spare) < 0)
                lost.TrySetResult();
        }

        async Task CollectNextAsync()
        {
            if (await Task.WhenAny(atWork.Peek().Update, lost.Task).ConfigureAwait(false) == lost.Task)
            {
                // Nothing is gained by waiting for those whose turn comes first: the round is given up.
                foreach ((Assignment failed, Task<DeviceUpdate> reason) in atWork.Where(device => device.Update.IsFaulted))
                    await CollectAsync(failed, reason).ConfigureAwait(false);
                return;
            }

            (Assignment assignment, Task<DeviceUpdate> pending) = atWork.Dequeue();
            using DeviceUpdate? update = await CollectAsync(assignment, pending).ConfigureAwait(false);
            if (update is not null)
                take(assignment, update);
        }
    }

    private CancellationTokenSource StartDeadline() =>
        DeadlineSeconds is { } seconds ? new(TimeSpan.FromSeconds(seconds), Run.Clock) : new();

    /// <summary>Off the lanes, or a device would be done before the next one starts.</summary>
    private Task<DeviceUpdate> Start(DevicePart part, CancellationToken late, CancellationToken givenUp)
    {
        int number = part.Assignment.Device;
        lock (atWork)
            atWork.Add(number);
        return Task.Run(RunAsync, CancellationToken.None);

        async Task<DeviceUpdate> RunAsync()
        {
            try
            {
                return await device.RunAsync(part, Terms, late, givenUp).ConfigureAwait(false);
            }
            finally
            {
                lock (atWork)
                    atWork.Remove(number);
            }
        }
    }

    private async Task<DeviceUpdate?> CollectAsync(Assignment assignment, Task<DeviceUpdate> pending)
    {
        string name = Run.Fleet.NameOf(assignment.Device);
        try
        {
            DeviceUpdate update = await pending.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            Run.Report(Collected.Add(assignment, name, update));
            Run.Observe(new DeviceMeasurement(Terms.Round, assignment.Device, assignment.Cut, update.ComputeSeconds));
            return update;
        }
        catch (DeviceFailedException failure)
        {
            Run.Report(Collected.LeaveOut(name, failure));
            return null;
        }
    }

    /// <summary>Waits for devices whose round was abandoned, so that nothing of them is left.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The failure that matters is already on its way up.")]
    private static async Task DiscardAsync(IEnumerable<Task<DeviceUpdate>> abandoned)
    {
        foreach (Task<DeviceUpdate> update in abandoned)
        {
            try
            {
                (await update.ConfigureAwait(false)).Dispose();
            }
            catch (Exception)
            {
                // Cancelled, or failed for the same reason.
            }
        }
    }
}
