using EdgeSplit.Compute;
using EdgeSplit.Wire;

namespace EdgeSplit.Training.Methods;

/// <summary>
/// Where the devices of a round meet at each step: when all that are still in it have sent their smashed data, the server side they
/// share takes one step, rows in fleet order, and each gets its answer. So nothing depends on who comes first.
/// </summary>
internal sealed class StepBarrier : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly RoundAttempt round;
    private readonly SharedReplica? replica;
    private readonly OrderedDictionary<int, Member> members = [];
    private readonly ITimer? deadline;

    private StepBarrier(RoundAttempt round, SharedReplica? replica)
    {
        (this.round, this.replica) = (round, replica);
        foreach (Assignment assignment in round.Assignments)
            members.Add(assignment.Device, new Member(this));
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

        /// <summary>Its smashed data is in the step at work.</summary>
        InStep,

        /// <summary>It is done, or failed.</summary>
        Gone,
    }

    /// <summary>A barrier for all devices of a round, with its server side of the blocks after <paramref name="cut"/>; none after the last.</summary>
    public static async Task<StepBarrier> BuildAsync(RoundAttempt round, int cut)
    {
        RunSetting run = round.Run;
        if (cut == run.Network.Length)
            return new StepBarrier(round, replica: null);
        SegmentSpec spec = new(run.Network, cut + 1, run.Network.Length, run.Training.Optimizer);
        ISegment segment = await run.Lanes.RunAsync(() => run.Lanes.Engine.Build(spec, round.Global)).ConfigureAwait(false);
        return new StepBarrier(round, new SharedReplica(segment, run.Training.Seed, round.Assignments[0].Device, round.Terms.LearningRate));
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
            if (members.Values.Any(member => member.Place is Place.Away or Place.InStep))
                return;
            here = [.. members.Values.Where(member => member.Place == Place.Waiting)];
            foreach (Member member in here)
                member.Place = Place.InStep;
        }

        if (here.Length > 0)
            _ = TakeStepAsync(here);
    }

#pragma warning disable CA1031 // Whatever the step throws belongs to those who wait for it.
    private async Task TakeStepAsync(Member[] here)
    {
        try
        {
            LossOutcome[] outcomes = await round.Run.Lanes.RunAsync(() => replica!.Train([.. here.Select(member => member.Step!)])).ConfigureAwait(false);
            lock (gate)
            {
                foreach (Member member in here.Where(member => member.Place == Place.InStep))
                    member.Place = Place.Away;
            }

            for (int index = 0; index < here.Length; index++)
                here[index].Answer!.SetResult(outcomes[index]);
        }
        catch (Exception failure)
        {
            foreach (Member member in here)
                member.Answer!.SetException(failure);
        }
    }
#pragma warning restore CA1031

    private void GiveUpWaiting()
    {
        Member[] late;
        lock (gate)
            late = [.. members.Values.Where(member => member.Place == Place.Away)];
        foreach (Member member in late)
            member.BeLate();
    }

    /// <summary>One device's place in the barrier, which its session sees as its server side.</summary>
    private sealed class Member(StepBarrier barrier) : IServerSide, IDisposable
    {
        private readonly CancellationTokenSource late = new();

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
