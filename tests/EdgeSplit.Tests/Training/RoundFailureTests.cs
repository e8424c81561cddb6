using EdgeSplit.Compute;
using EdgeSplit.Tests.Torch;
using EdgeSplit.Torch;
using EdgeSplit.Training;
using EdgeSplit.Wire;

namespace EdgeSplit.Tests.Training;

/// <summary>A device that fails costs its own part of a round, and nothing else.</summary>
[Collection(TorchCollection.Name)]
public class RoundFailureTests
{
    private static readonly int[] Cuts = [1, 2, 3, 4];

    /// <summary>The last of the fleet, so that all others are done when its deadline comes.</summary>
    private const int Faulty = 3;

    private readonly ManualClock clock = new();
    private FaultyFleet? fleet;
    private bool isWaiting;
    private Action fleetIsSilent = () => { };

    [Theory]
    [InlineData(nameof(Conduct.Silent), LeftOutReason.Late, "it was not done after 60 s, the round's deadline")]
    [InlineData(nameof(Conduct.Gone), LeftOutReason.LinkClosed, "the battery is empty")]
    [InlineData(nameof(Conduct.Liar), LeftOutReason.ProtocolViolation, "Expected round 2, step 0, received round 2, step 1.")]
    [InlineData(nameof(Conduct.Idler), LeftOutReason.ProtocolViolation, "The round's end lacks 'conv1.weight' of shape 6x1x5x5 in Float32.")]
    [InlineData(nameof(Conduct.Diverged), LeftOutReason.NotFinite, "its update holds NaN or infinity in 'conv1.weight'; a smaller learning rate may help")]
    public async Task A_device_that_fails_is_left_out_of_that_round_only(string conduct, LeftOutReason reason, string message)
    {
        FailurePolicy policy = new() { Deadline = new RoundDeadline.Seconds(60), MinimumDevices = 3 };
        TrainingScenario scenario = Scenario(policy, (Faulty, 2, Enum.Parse<Conduct>(conduct)));
        CountingEngine engine = new(new TorchEngine());
        await using ComputeLanes lanes = new(engine, count: 2);
        TrainingResult result = await scenario.TrainAsync(lanes, Cuts, also: LetTheDeadlinePass);
        TrainingResult without = await new TrainingScenario("lenet5").TrainAsync(lanes, new PlanWithout(Cuts, Faulty, Round: 2));

        using (result.Weights)
        using (without.Weights)
            TrainingScenario.AssertBitwiseEqual(without.Weights, result.Weights);
        Assert.Equal(new DeviceLeftOut(2, "device-4", reason, message), Assert.Single(scenario.Events.OfType<DeviceLeftOut>()));
        Assert.Equal([4, 3, 4], scenario.Events.OfType<DeviceFinished>().CountBy(finished => finished.Round).Select(round => round.Value));
        Assert.Equal(0, engine.Live);
    }

    [Theory]
    [InlineData(nameof(Conduct.Gone))]
    [InlineData(nameof(Conduct.Diverged))]
    public async Task Where_devices_take_turns_one_that_fails_leaves_nothing_behind(string conduct)
    {
        int[] cuts = [2, 2, 2, 2];
        TrainingScenario scenario = Scenario(new FailurePolicy { MinimumDevices = 3 }, (1, 2, Enum.Parse<Conduct>(conduct))) with { Method = Method.Split };
        CountingEngine engine = new(new TorchEngine());
        await using ComputeLanes lanes = new(engine, count: 2);
        TrainingResult result = await scenario.TrainAsync(lanes, cuts);
        TrainingResult without = await new TrainingScenario("lenet5") { Method = Method.Split }.TrainAsync(lanes, new PlanWithout(cuts, 1, Round: 2));

        using (result.Weights)
        using (without.Weights)
            TrainingScenario.AssertBitwiseEqual(without.Weights, result.Weights);
        Assert.Single(scenario.Events.OfType<DeviceLeftOut>());
        Assert.Equal(0, engine.Live);
    }

    [Fact]
    public async Task Where_devices_take_turns_the_next_one_has_its_own_deadline()
    {
        FailurePolicy policy = new() { Deadline = new RoundDeadline.Seconds(60), MinimumDevices = 3 };
        TrainingScenario scenario = Scenario(policy, (1, 2, Conduct.Silent)) with { Method = Method.Split };
        await using ComputeLanes lanes = new(new TorchEngine(), count: 2);
        fleetIsSilent = () => clock.Advance(TimeSpan.FromSeconds(61));

        (await scenario.TrainAsync(lanes, [2, 2, 2, 2])).Weights.Dispose();

        Assert.Equal(("device-2", LeftOutReason.Late), scenario.Events.OfType<DeviceLeftOut>().Select(left => (left.Device, left.Reason)).Single());
        Assert.Equal([4, 3, 4], scenario.Events.OfType<DeviceFinished>().CountBy(finished => finished.Round).Select(round => round.Value));
    }

    [Fact]
    public async Task A_round_that_takes_far_too_long_says_whom_it_waits_for_and_changes_no_bit()
    {
        TrainingScenario scenario = Scenario(FailurePolicy.Tolerant with { Deadline = new RoundDeadline.Seconds(200) }, (Faulty, 2, Conduct.Silent));
        // Once the others are done: past the first time it is told, past the second, past the deadline.
        Queue<int> seconds = new([61, 60, 90]);
        await AssertNothingChangedAsync(scenario, happened =>
        {
            if (happened is DeviceFinished { Round: 2, Device: "device-3" } or RoundWaiting && seconds.TryDequeue(out int next))
                clock.Advance(TimeSpan.FromSeconds(next));
        });
        Assert.Equal([(61, "device-4"), (121, "device-4")], scenario.Events.OfType<RoundWaiting>().Select(told => (told.Seconds, string.Join(' ', told.Devices))));
        Assert.Equal(2, Assert.Single(scenario.Events.OfType<RoundRepeated>()).Round);
    }

    [Fact]
    public async Task A_device_that_comes_back_begins_its_part_again_and_changes_no_bit()
    {
        TrainingScenario scenario = Scenario(FailurePolicy.Tolerant, (0, 1, Conduct.Gone), (2, 2, Conduct.Gone), (2, 2, Conduct.Gone));
        await AssertNothingChangedAsync(scenario);
        Assert.Equal(
            [new DeviceLost(1, "device-1", "the battery is empty"), new DeviceLost(2, "device-3", "the battery is empty"), new DeviceLost(2, "device-3", "the battery is empty")],
            scenario.Events.OfType<DeviceLost>());
    }

    [Fact]
    public async Task A_round_with_too_few_updates_begins_again_from_the_same_weights()
    {
        FailurePolicy policy = new() { MinimumDevices = 4, RepeatsAtMost = 2 };
        TrainingScenario scenario = Scenario(policy, (1, 2, Conduct.Diverged), (1, 2, Conduct.Gone));
        await AssertNothingChangedAsync(scenario);
        Assert.Equal([2, 2], scenario.Events.OfType<RoundRepeated>().Select(repeated => repeated.Round));
        Assert.Equal([1, 2, 2, 2, 3], scenario.Events.OfType<RoundStarted>().Select(started => started.Round));
    }

    [Fact]
    public async Task A_round_that_begins_again_hangs_up_on_devices_that_did_not_finish_it()
    {
        FailurePolicy policy = new() { Deadline = new RoundDeadline.Seconds(60), RepeatsAtMost = 1 };
        TrainingScenario scenario = Scenario(policy, (Faulty, 2, Conduct.Silent));
        await AssertNothingChangedAsync(scenario);
        Assert.Equal((Faulty, null), Assert.Single(fleet!.Closed));
    }

    [Fact]
    public async Task A_device_that_breaks_the_protocol_loses_its_link_and_hears_why()
    {
        await using ComputeLanes lanes = new(new TorchEngine(), count: 2);
        TrainingScenario scenario = Scenario(new FailurePolicy { MinimumDevices = 1 }, (1, 1, Conduct.Liar));
        (await scenario.TrainAsync(lanes, Cuts)).Weights.Dispose();
        (int device, Exception? cause) = Assert.Single(fleet!.Closed);
        Assert.Equal(1, device);
        Assert.IsType<ProtocolException>(cause);
    }

    [Theory]
    [InlineData(0, "round 2 cannot have the 4 of 4 updates that it needs: device-2: its update holds NaN or infinity in 'conv1.weight'")]
    [InlineData(2, "round 2 cannot have the 4 of 4 updates that it needs, though it was tried 3 times: device-2: its update holds NaN")]
    public async Task An_update_that_is_never_finite_ends_the_run_after_the_repeats_allowed(int repeats, string message)
    {
        TrainingScenario scenario = Scenario(new FailurePolicy { RepeatsAtMost = repeats }, [.. Enumerable.Repeat((1, 2, Conduct.Diverged), 10)]);
        CountingEngine engine = new(new TorchEngine());
        await using ComputeLanes lanes = new(engine, count: 2);
        int kept = 0;

        RoundFailedException failed = await Assert.ThrowsAsync<RoundFailedException>(
            () => scenario.TrainAsync(lanes, new GivenCuts(Cuts), roundDone: done => kept = done.Rounds));

        Assert.StartsWith(message, failed.Message, StringComparison.Ordinal);
        Assert.Equal(1, kept);
        Assert.Equal(repeats, scenario.Events.OfType<RoundRepeated>().Count());
        Assert.Equal(0, engine.Live);
    }

    [Fact]
    public async Task Training_from_what_earlier_rounds_came_to_gives_the_same_bits()
    {
        await using ComputeLanes lanes = new(new TorchEngine(), count: 2);
        TrainingScenario scenario = new("lenet5") { Dropout = 0.25, Rounds = 4, EvaluateEvery = 4 };
        using CancellationTokenSource stop = new();
        TrainingResult half = await scenario.TrainAsync(lanes, new GivenCuts(Cuts), stop: stop.Token, roundDone: done =>
        {
            if (done.Rounds == 2)
                stop.Cancel();
        });
        Assert.Equal(2, half.Rounds);
        TrainingResult resumed = await scenario.TrainAsync(lanes, new GivenCuts(scenario.FullLocal), start: half);
        TrainingResult straight = await scenario.TrainAsync(lanes, Cuts);

        using (resumed.Weights)
        using (straight.Weights)
            TrainingScenario.AssertBitwiseEqual(straight.Weights, resumed.Weights);
        Assert.Equal(straight.Evaluation, resumed.Evaluation);
    }

    [Theory]
    [InlineData(null, 4, 4)]
    [InlineData(3, 4, 3)]
    [InlineData(3, 2, 2)]
    [InlineData(0, 2, 1)]
    public void A_round_needs_as_many_updates_as_the_policy_says_but_no_more_than_take_part(int? minimum, int participants, int needed) =>
        Assert.Equal(needed, new FailurePolicy { MinimumDevices = minimum }.UpdatesNeeded(participants));

    [Fact]
    public void A_deadline_is_in_seconds_or_a_multiple_of_a_plans_claim()
    {
        Assert.Equal(5, new RoundDeadline.Seconds(5).SecondsFor(claimedSeconds: 2));
        Assert.Equal(6, new RoundDeadline.OfClaim(3).SecondsFor(claimedSeconds: 2));
        Assert.Null(new RoundDeadline.OfClaim(3).SecondsFor(claimedSeconds: null));
    }

    private TrainingScenario Scenario(FailurePolicy policy, params (int Device, int Round, Conduct Conduct)[] script) => new("lenet5")
    {
        Failures = policy,
        Clock = clock,
        Between = inner =>
        {
            isWaiting = script.Any(entry => entry.Conduct == Conduct.Silent);
            return fleet = new FaultyFleet(inner, script) { WhenSilent = () => fleetIsSilent() };
        },
    };

    /// <summary>Once all but the last device are done with round 2, where that one is silent.</summary>
    private void LetTheDeadlinePass(RunEvent happened)
    {
        if (!isWaiting || happened is not DeviceFinished { Round: 2, Device: "device-3" })
            return;
        isWaiting = false;
        clock.Advance(TimeSpan.FromSeconds(61));
    }

    private async Task AssertNothingChangedAsync(TrainingScenario scenario, Action<RunEvent>? also = null)
    {
        CountingEngine engine = new(new TorchEngine());
        await using ComputeLanes lanes = new(engine, count: 2);
        TrainingResult result = await scenario.TrainAsync(lanes, Cuts, also: also ?? LetTheDeadlinePass);
        TrainingResult undisturbed = await new TrainingScenario("lenet5").TrainAsync(lanes, Cuts);
        using (result.Weights)
        using (undisturbed.Weights)
            TrainingScenario.AssertBitwiseEqual(undisturbed.Weights, result.Weights);
        Assert.Equal(0, engine.Live);
    }

    /// <summary>The given cuts, with one device that has no part in one round.</summary>
    private sealed record PlanWithout(int[] CutOf, int Device, int Round) : ICutPlan
    {
        private readonly GivenCuts cuts = new(CutOf);

        public IReadOnlyList<int> Devices => cuts.Devices;

        public PlannedRound Decide(int round, IReadOnlyList<int> participants) =>
            cuts.Decide(round, [.. participants.Where(device => round != Round || device != Device)]);

        public void Observe(DeviceMeasurement measurement)
        {
        }
    }
}
