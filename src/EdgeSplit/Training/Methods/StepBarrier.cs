using EdgeSplit.Compute;
using EdgeSplit.Wire;

namespace EdgeSplit.Training.Methods;

/// <summary>
/// How the server side that devices share makes a step of all of them: the devices, by number and in fleet order, as the groups whose
/// mini-batches it takes together, one group after another.
/// </summary>
/// <param name="step">From 0.</param>
/// <param name="devices">Those whose mini-batches of that step are here.</param>
internal delegate IEnumerable<int[]> StepTurns(int step, IReadOnlyList<int> devices);

/// <summary>
/// Where the devices of a round meet at each step: when all that are still in it have sent their smashed data, the server side they
/// share trains on it, turn by turn, and each gets its answer with its turn. So nothing depends on who comes first.
/// </summary>
internal sealed class StepBarrier : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly RoundAttempt round;
    private readonly SharedReplica? replica;
    private readonly StepTurns turns;
    private readonly OrderedDictionary<int, Member> members = [];
    private readonly ITimer? deadline;
    private bool isStepping;

    private StepBarrier(RoundAttempt round, SharedReplica? replica, StepTurns turns)
    {
        (this.round, this.replica, this.turns) = (round, replica, turns);
        foreach (Assignment assignment in round.Assignments)
            members.Add(assignment.Device, new Member(this, assignment.Device));
        round.HoldsUp = IsAway;
        if (round.DeadlineSeconds is { } seconds)
            deadline = round.Run.Clock.CreateTimer(_ => GiveUpWaiting(), null, TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(seconds));
    }

    private enum Place
    {
        /// <summary>The device is at work, or its message on the way.</summary>
        Away,

        /// <summary>Its smashed data is here.</summary>
        Waiting,

        /// <summary>Its smashed data is in the step at work, and it has no answer yet.</summary>
        InStep,

        /// <summary>It is done, or failed.</summary>
        Gone,
    }

    /// <summary>A barrier for all devices of a round, with its server side of the blocks after <paramref name="cut"/>; none after the last.</summary>
    public static async Task<StepBarrier> BuildAsync(RoundAttempt round, int cut, StepTurns turns)
    {
        RunSetting run = round.Run;
        if (cut == run.Network.Length)
            return new StepBarrier(round, replica: null, turns);
        SegmentSpec spec = new(run.Network, cut + 1, run.Network.Length, run.Training.Optimizer);
        ISegment segment = await run.Lanes.RunAsync(() => run.Lanes.Engine.Build(spec, round.Global)).ConfigureAwait(false);
        return new StepBarrier(round, new SharedReplica(segment, run.Training.Seed, round.Terms.LearningRate), turns);
    }

    /// <summary>The part of one of the devices, from the global weights; it may not begin again.</summary>
    public DevicePart PartOf(Assignment assignment)
    {
        Member member = members[assignment.Device];
        return new DevicePart(assignment, round.Global, () => member) { MayBeginAgain = false, Late = member.Late };
    }

    /// <summary>A copy of the server side's weights, the caller's to dispose.</summary>
    public Task<Weights> SaveAsync() => replica is null ? Task.FromResult(new Weights()) : round.Run.Lanes.RunAsync(replica.Save);

    public async ValueTask DisposeAsync()
    {
        if (deadline is not null)
            await deadline.DisposeAsync().ConfigureAwait(false);
        replica?.Dispose();
        foreach (Member member in members.Values)
            member.Dispose();
    }

    private bool IsAway(int device)
    {
        lock (gate)
            return members[device].Place == Place.Away;
    }

    private Task<LossOutcome> Arrive(Member member, Message.StepUp step)
    {
        TaskCompletionSource<LossOutcome> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (member.Place == Place.Gone)
            {
                step.Discard();
                answer.SetCanceled();
                return answer.Task;
            }

            (member.Place, member.Step, member.Answer) = (Place.Waiting, step, answer);
        }

        TakeStepIfAllAreHere();
        return answer.Task;
    }

    private void Leave(Member member)
    {
        lock (gate)
        {
            if (member.Place == Place.Waiting)
            {
                member.Step!.Discard();
                member.Answer!.SetCanceled();
            }

            member.Place = Place.Gone;
        }

        TakeStepIfAllAreHere();
    }

    private void TakeStepIfAllAreHere()
    {
        Member[] here;
        lock (gate)
        {
            // Turns of a device that has gone may still be ahead when all others are back.
            if (isStepping || members.Values.Any(member => member.Place is Place.Away or Place.InStep))
                return;
            here = [.. members.Values.Where(member => member.Place == Place.Waiting)];
            isStepping = here.Length > 0;
            foreach (Member member in here)
                member.Place = Place.InStep;
        }

        if (here.Length > 0)
            _ = TakeStepAsync(here);
    }

#pragma warning disable CA1031 // Whatever the step throws belongs to those who wait for it.
    private async Task TakeStepAsync(Member[] here)
    {
        // Whoever has its answer may be at its next step before the last turn of this one.
        TaskCompletionSource<LossOutcome>[] answers = [.. here.Select(member => member.Answer!)];
        try
        {
            foreach (int[] turn in turns(here[0].Step!.Step, [.. here.Select(member => member.Device)]))
                await TakeTurnAsync([.. turn.Select(device => members[device])]).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            foreach (TaskCompletionSource<LossOutcome> answer in answers)
                answer.TrySetException(failure);
        }

        lock (gate)
            isStepping = false;
        TakeStepIfAllAreHere();
    }
#pragma warning restore CA1031

    private async Task TakeTurnAsync(Member[] turn)
    {
        LossOutcome[] outcomes = await round.Run.Lanes
            .RunAsync(() => replica!.Train(turn[0].Device, [.. turn.Select(member => member.Step!)])).ConfigureAwait(false);
        TaskCompletionSource<LossOutcome>[] answers = [.. turn.Select(member => member.Answer!)];
        lock (gate)
        {
            foreach (Member member in turn.Where(member => member.Place == Place.InStep))
                member.Place = Place.Away;
        }

        for (int index = 0; index < turn.Length; index++)
            answers[index].SetResult(outcomes[index]);
    }

    private void GiveUpWaiting()
    {
        Member[] late;
        lock (gate)
            late = [.. members.Values.Where(member => member.Place == Place.Away)];
        foreach (Member member in late)
            member.BeLate();
    }

    /// <summary>One device's place in the barrier, which its session sees as its server side.</summary>
    private sealed class Member(StepBarrier barrier, int device) : IServerSide, IDisposable
    {
        private readonly CancellationTokenSource late = new();

        public int Device => device;

        public Place Place { get; set; }

        public Message.StepUp? Step { get; set; }

        public TaskCompletionSource<LossOutcome>? Answer { get; set; }

        public CancellationToken Late => late.Token;

        public void BeLate() => late.Cancel();

        public Task PrepareAsync() => Task.CompletedTask;

        /// <exception cref="DeviceFailedException">The smashed data would carry NaN or infinity into what all devices share.</exception>
        public async Task<LossOutcome> TrainAsync(Message.StepUp step, CancellationToken cancellation)
        {
            if (!step.SmashedData.IsFinite)
            {
                step.Discard();
                throw new DeviceFailedException(
                    LeftOutReason.NotFinite, $"its smashed data of step {step.Step} holds NaN or infinity; a smaller learning rate may help");
            }

            using CancellationTokenRegistration leaving = cancellation.Register(() => barrier.Leave(this));
            return await barrier.Arrive(this, step).ConfigureAwait(false);
        }

        /// <summary>The device is done; the others go on.</summary>
        public Task<Weights> FinishAsync()
        {
            barrier.Leave(this);
            return Task.FromResult(new Weights());
        }

        public ValueTask DisposeAsync()
        {
            barrier.Leave(this);
            return ValueTask.CompletedTask;
        }

        public void Dispose() => late.Dispose();
    }
}
