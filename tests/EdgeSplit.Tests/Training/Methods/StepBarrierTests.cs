using EdgeSplit.Compute;
using EdgeSplit.Numerics;
using EdgeSplit.Tests.Torch;
using EdgeSplit.Torch;
using EdgeSplit.Training;
using EdgeSplit.Training.Methods;
using EdgeSplit.Wire;

namespace EdgeSplit.Tests.Training.Methods;

/// <summary>Who waits for whom where devices meet at each step.</summary>
[Collection(TorchCollection.Name)]
public class StepBarrierTests
{
    private const int Cut = 2;

    private static readonly TrainingScenario Scenario = new("lenet5", Devices: 3);

    private static readonly TrainingSpec Training = new()
    {
        Method = Method.Psl,
        Rounds = 1,
        LocalWork = new LocalWork.Steps(3),
        BatchSize = 2,
        Optimizer = new OptimizerSpec.Sgd(),
        LearningRate = new LearningRateSchedule.Constant(0.1),
        Seed = 1,
    };

    private readonly ManualClock clock = new();
    private readonly List<string> steps = [];
    private RoundAttempt round = null!;

    [Fact]
    public async Task A_step_waits_for_all_and_gives_each_its_own_rows()
    {
        await using ComputeLanes lanes = new(new TorchEngine(), count: 1);
        using Weights global = WeightInitializer.Initialize(Scenario.Network, 1);
        await using StepBarrier barrier = await BarrierAsync(lanes, global);
        IServerSide[] members = Members(barrier);

        Task<LossOutcome> first = members[2].TrainAsync(Up(samples: 3), default), second = members[0].TrainAsync(Up(samples: 1), default);
        Assert.False(first.IsCompleted || second.IsCompleted);
        Task<LossOutcome> third = members[1].TrainAsync(Up(samples: 2), default);

        LossOutcome[] outcomes = await Task.WhenAll(second, third, first);
        Assert.Equal([1, 2, 3], outcomes.Select(outcome => outcome.InputGradient!.Shape[0]));
        Assert.Single(outcomes.Select(outcome => outcome.Loss).Distinct());
        Assert.InRange(outcomes.Sum(outcome => outcome.Correct), 0, 6);
    }

    [Fact]
    public async Task In_turns_each_has_its_answer_before_the_next_and_the_next_step_waits_for_the_last_turn()
    {
        await using ComputeLanes lanes = new(new TorchEngine(), count: 2);
        using Weights global = WeightInitializer.Initialize(Scenario.Network, 1);
        using ManualResetEventSlim go = new();
        await using StepBarrier barrier = await BarrierAsync(lanes, global, turns: InOrder);
        await Task.Yield(); // Off the lane that built the barrier, which a turn is about to block.
        IServerSide[] members = Members(barrier);
        using CancellationTokenSource gone = new();

        Task<LossOutcome> last = members[0].TrainAsync(Up(samples: 1), gone.Token), first = members[2].TrainAsync(Up(samples: 3), default);
        Task<LossOutcome> second = members[1].TrainAsync(Up(samples: 2), default);
        Assert.Equal(3, (await first).InputGradient!.Shape[0]);
        Assert.Equal(2, (await second).InputGradient!.Shape[0]);
        Assert.False(last.IsCompleted);

        // The one whose turn is still ahead goes; the others are at the next step already.
        await gone.CancelAsync();
        Task<LossOutcome> secondsNext = members[1].TrainAsync(Up(samples: 2), default), firstsNext = members[2].TrainAsync(Up(samples: 3), default);
        Assert.False(firstsNext.IsCompleted || secondsNext.IsCompleted);
        go.Set();
        await Task.WhenAll(last, firstsNext, secondsNext);
        Assert.Equal(["2 1 0", "2 1"], steps);

        IEnumerable<int[]> InOrder(int step, IReadOnlyList<int> devices)
        {
            steps.Add(string.Join(' ', devices.Reverse()));
            foreach (int device in devices.Reverse())
            {
                if (device == 0)
                    go.Wait();
                yield return [device];
            }
        }
    }

    [Fact]
    public async Task Whoever_is_done_is_no_longer_waited_for()
    {
        await using ComputeLanes lanes = new(new TorchEngine(), count: 1);
        using Weights global = WeightInitializer.Initialize(Scenario.Network, 1);
        await using StepBarrier barrier = await BarrierAsync(lanes, global);
        IServerSide[] members = Members(barrier);

        Task<LossOutcome> waiting = members[0].TrainAsync(Up(samples: 2), default);
        Assert.Empty(await members[1].FinishAsync());
        Assert.False(waiting.IsCompleted);
        await members[2].DisposeAsync();

        Assert.Equal(2, (await waiting).InputGradient!.Shape[0]);
    }

    [Fact]
    public async Task Whoever_keeps_the_others_waiting_at_the_deadline_is_late()
    {
        await using ComputeLanes lanes = new(new TorchEngine(), count: 1);
        using Weights global = WeightInitializer.Initialize(Scenario.Network, 1);
        await using StepBarrier barrier = await BarrierAsync(lanes, global, deadlineSeconds: 60);
        DevicePart[] parts = [.. Assignments.Select(barrier.PartOf)];

        Task<LossOutcome> first = parts[0].ServerSide().TrainAsync(Up(samples: 2), default);
        Task<LossOutcome> second = parts[1].ServerSide().TrainAsync(Up(samples: 2), default);
        Assert.Equal([false, false, true], Assignments.Select(one => round.HoldsUp(one.Device)));
        clock.Advance(TimeSpan.FromSeconds(61));

        Assert.Equal([false, false, true], parts.Select(part => part.Late!.Value.IsCancellationRequested));
        Assert.False(first.IsCompleted || second.IsCompleted);
        await parts[2].ServerSide().DisposeAsync();
        await Task.WhenAll(first, second);
    }

    [Fact]
    public async Task A_session_that_ends_takes_its_smashed_data_with_it()
    {
        await using ComputeLanes lanes = new(new TorchEngine(), count: 1);
        using Weights global = WeightInitializer.Initialize(Scenario.Network, 1);
        await using StepBarrier barrier = await BarrierAsync(lanes, global);
        using CancellationTokenSource ended = new();
        Message.StepUp up = Up(samples: 2);

        Task<LossOutcome> waiting = Members(barrier)[0].TrainAsync(up, ended.Token);
        await ended.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Throws<ObjectDisposedException>(() => up.SmashedData.Memory);
    }

    [Fact]
    public async Task Smashed_data_that_is_not_finite_does_not_reach_what_all_share()
    {
        await using ComputeLanes lanes = new(new TorchEngine(), count: 1);
        using Weights global = WeightInitializer.Initialize(Scenario.Network, 1);
        await using StepBarrier barrier = await BarrierAsync(lanes, global);
        Message.StepUp up = Up(samples: 2);
        up.SmashedData.As<float>()[1] = float.PositiveInfinity;

        DeviceFailedException failed = await Assert.ThrowsAsync<DeviceFailedException>(() => Members(barrier)[0].TrainAsync(up, default));

        Assert.Equal(LeftOutReason.NotFinite, failed.Reason);
    }

    private static Assignment[] Assignments => [new(0, Cut), new(1, Cut), new(2, Cut)];

    private static IServerSide[] Members(StepBarrier barrier) => [.. Assignments.Select(assignment => barrier.PartOf(assignment).ServerSide())];

    private Task<StepBarrier> BarrierAsync(ComputeLanes lanes, Weights global, double? deadlineSeconds = null, StepTurns? turns = null)
    {
        InProcessFleet fleet = new(["a", "b", "c"], [], Scenario.Network, Training, lanes, clock);
        RunSetting run = new(Scenario.Network, Training, fleet, lanes, FailurePolicy.Strict, _ => { }, _ => { }, clock);
        round = new RoundAttempt(run, new RoundTerms(1, 0.1, global, deadlineSeconds, null), Assignments, default);
        return StepBarrier.BuildAsync(round, Cut, turns ?? ((_, devices) => [[.. devices]]));
    }

    private static Message.StepUp Up(int samples) => new(
        1, 0, HostTensor.Zeros(ElementType.Float32, Scenario.Network.Blocks[Cut - 1].OutputShape.Prepend(samples)), [.. Enumerable.Range(0, samples)]);
}
