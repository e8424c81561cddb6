using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Numerics;
using EdgeSplit.Tests.Torch;
using EdgeSplit.Torch;
using EdgeSplit.Training;

namespace EdgeSplit.Tests.Training;

[Collection(TorchCollection.Name)]
public class RoundLoopTests
{
    [Theory]
    [InlineData(Method.EdgeSplit)]
    [InlineData(Method.SplitFedV2)]
    [InlineData(Method.Psl)]
    [InlineData(Method.Split)]
    public async Task Live_tensors_are_equal_after_rounds_2_and_5(Method method)
    {
        OptimizerSpec optimizer = new OptimizerSpec.Sgd(Momentum: 0.9) { Proximal = 0.01 };
        TrainingScenario scenario = new("lenet5") { Method = method, Rounds = 5, Dropout = 0.25, Optimizer = optimizer };
        Dictionary<int, long> live = [];
        await using ComputeLanes lanes = new(new TorchEngine(), count: 2);

        TrainingResult result = await scenario.TrainAsync(lanes, method == Method.EdgeSplit ? [1, 2, 3, scenario.Network.Length] : [2, 2, 2, 2], also: happened =>
        {
            if (happened is Evaluated evaluated)
                live[evaluated.Round] = TorchSharp.torch.Tensor.TotalCount;
        });

        result.Weights.Dispose();
        Assert.Equal(live[2], live[5]);
    }

    [Theory]
    [InlineData(Method.Split, 12, 1, 1)]
    [InlineData(Method.SplitFedV2, 12, 12, 1)]
    [InlineData(Method.Psl, 12, 12, 1)]
    public async Task Devices_that_share_a_server_side_hold_one(Method method, int devices, int mostAtWork, int mostServerSides)
    {
        CountingEngine engine = new(new TorchEngine());
        await using ComputeLanes lanes = new(engine, count: 2);
        TrainingScenario scenario = new("lenet5", devices) { Method = method, Rounds = 2, LocalWork = new LocalWork.Steps(2), BatchSize = 2 };

        TrainingResult result = await scenario.TrainAsync(lanes, [.. Enumerable.Repeat(2, devices)]);

        result.Weights.Dispose();
        Assert.Equal(0, engine.Live);
        Assert.Equal(mostServerSides, engine.MostServerSides);
        Assert.InRange(engine.MostLive, 2, mostAtWork + mostServerSides);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(60)]
    public async Task Only_devices_at_work_hold_weights(int devices)
    {
        CountingEngine engine = new(new TorchEngine());
        await using ComputeLanes lanes = new(engine, count: 2);
        TrainingScenario scenario = new("lenet5", devices) { Rounds = 2, LocalWork = new LocalWork.Steps(1), BatchSize = 2 };

        TrainingResult result = await scenario.TrainAsync(lanes, [.. Enumerable.Repeat(2, devices)]);

        result.Weights.Dispose();
        Assert.Equal(0, engine.Live);
        // Three devices at work on two lanes, each with a device-side and a server-side segment.
        Assert.InRange(engine.MostLive, 2, 6);
    }

    [Fact]
    public async Task Events_tell_each_round_in_order_and_devices_in_fleet_order()
    {
        TrainingScenario scenario = new("lenet5") { Rounds = 2 };
        await using ComputeLanes lanes = new(new TorchEngine(), count: 2);

        (await scenario.TrainAsync(lanes, [1, 2, 3, 4])).Weights.Dispose();

        Assert.Equal(
            ["RoundStarted", "DeviceFinished", "DeviceFinished", "DeviceFinished", "DeviceFinished", "RoundFinished", "Evaluated"],
            scenario.Events.Take(7).Select(happened => happened.GetType().Name));
        Assert.Equal(
            ["device-1", "device-2", "device-3", "device-4"],
            scenario.Events.OfType<DeviceFinished>().Take(4).Select(finished => finished.Device));
        Assert.All(scenario.Events.OfType<DeviceFinished>(), finished => Assert.Equal(3, finished.Steps));
    }

    [Fact]
    public async Task Bytes_are_those_of_weights_smashed_data_gradients_and_labels()
    {
        TrainingScenario scenario = new("lenet5", Devices: 1) { Rounds = 1 };
        await using ComputeLanes lanes = new(new TorchEngine(), count: 1);

        (await scenario.TrainAsync(lanes, [2])).Weights.Dispose();

        NetworkBlock cut = scenario.Network.Blocks[1];
        long weights = scenario.Network.Segment(1, 2).ToArray().Sum(block => block.ParameterBytes + block.BufferBytes);
        DeviceFinished device = Assert.Single(scenario.Events.OfType<DeviceFinished>());
        Assert.Equal(weights + (3 * 8 * cut.OutputBytes), device.BytesDown);
        Assert.Equal(weights + (3 * 8 * (cut.OutputBytes + sizeof(int))), device.BytesUp);
    }

    [Fact]
    public async Task Stopping_ends_after_the_round_at_work_and_evaluates_it()
    {
        TrainingScenario scenario = new("lenet5") { Rounds = 5, EvaluateEvery = 5 };
        using CancellationTokenSource stop = new();
        await using ComputeLanes lanes = new(new TorchEngine(), count: 2);

        TrainingResult result = await scenario.TrainAsync(lanes, [1, 2, 3, 4], stop: stop.Token, also: happened =>
        {
            if (happened is DeviceFinished { Round: 2 })
                stop.Cancel();
        });

        result.Weights.Dispose();
        Assert.Equal(2, result.Rounds);
        Assert.NotNull(result.Evaluation);
    }

    [Fact]
    public async Task Giving_up_a_round_keeps_the_weights_of_the_round_before()
    {
        TrainingScenario scenario = new("lenet5") { Rounds = 4 };
        using CancellationTokenSource abandon = new();
        CountingEngine engine = new(new TorchEngine());
        await using ComputeLanes lanes = new(engine, count: 2);

        TrainingResult result = await scenario.TrainAsync(lanes, [1, 2, 3, 4], abandon: abandon.Token, also: happened =>
        {
            if (happened is DeviceFinished { Round: 2 })
                abandon.Cancel();
        });

        Assert.Equal(1, result.Rounds);
        Evaluated evaluated = Assert.Single(scenario.Events.OfType<Evaluated>());
        Assert.Equal(evaluated.Accuracy, result.Evaluation?.Accuracy);
        Assert.All(result.Weights, entry => Assert.Equal(entry.Value.ByteCount, entry.Value.Bytes.Length));
        result.Weights.Dispose();
        Assert.Equal(0, engine.Live);
    }

    [Fact]
    public async Task A_device_that_fails_ends_the_run_with_its_reason_and_leaves_nothing_behind()
    {
        CountingEngine engine = new(new TorchEngine()) { FailAtStep = 4 };
        await using ComputeLanes lanes = new(engine, count: 2);
        TrainingScenario scenario = new("lenet5");

        Exception failure = await Assert.ThrowsAnyAsync<Exception>(() => scenario.TrainAsync(lanes, [1, 2, 3, 4]));

        Assert.Contains("out of luck", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, engine.Live);
    }

    [Fact]
    public async Task Participation_draws_the_same_fraction_each_round_but_not_the_same_devices()
    {
        TrainingScenario scenario = new("lenet5", Devices: 20) { Rounds = 3, Participation = 0.25, BatchSize = 2, LocalWork = new LocalWork.Steps(1) };
        await using ComputeLanes lanes = new(new TorchEngine(), count: 2);

        (await scenario.TrainAsync(lanes, [.. Enumerable.Repeat(1, 20)])).Weights.Dispose();

        string[][] drawn = [.. scenario.Events.OfType<RoundStarted>().Select(round => round.Participants.ToArray())];
        Assert.All(drawn, round => Assert.Equal(5, round.Distinct().Count()));
        Assert.True(drawn.Select(round => string.Join(' ', round)).Distinct().Count() > 1);
    }
}

/// <summary>An engine that counts its segments and can fail on demand.</summary>
internal sealed class CountingEngine(IEngine inner) : IEngine
{
    private int live, mostLive, serverSides, mostServerSides, steps;

    public int Live => Volatile.Read(ref live);

    public int MostLive => mostLive;

    /// <summary>The most segments at once that begin after a cut.</summary>
    public int MostServerSides => mostServerSides;

    public int FailAtStep { get; init; } = int.MaxValue;

    public string Description => inner.Description;

    public string NumericsOf(int threads) => inner.NumericsOf(threads);

    public ElementType ElementType => inner.ElementType;

    public void PrepareLane(int threads) => inner.PrepareLane(threads);

    public ISegment Build(SegmentSpec spec, Weights weights)
    {
        ISegment segment = inner.Build(spec, weights);
        bool isServerSide = spec.First > 1;
        InterlockedMax(ref mostLive, Interlocked.Increment(ref live));
        if (isServerSide)
            InterlockedMax(ref mostServerSides, Interlocked.Increment(ref serverSides));
        return new CountedSegment(this, segment, isServerSide);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        int seen = most;
        while (value > seen && Interlocked.CompareExchange(ref most, value, seen) is var current && current != seen)
            seen = current;
    }

    private sealed class CountedSegment(CountingEngine engine, ISegment inner, bool isServerSide) : ISegment
    {
        public HostTensor Forward(HostTensor input, StepKey key) => inner.Forward(input, key);

        public HostTensor? Backward(HostTensor outputGradient) => inner.Backward(outputGradient);

        public LossOutcome ForwardBackward(HostTensor input, ReadOnlySpan<int> labels, StepKey key) => inner.ForwardBackward(input, labels, key);

        public void Step(double learningRate)
        {
            if (Interlocked.Increment(ref engine.steps) >= engine.FailAtStep)
                throw new InvalidOperationException("out of luck");
            inner.Step(learningRate);
        }

        public HostTensor Predict(HostTensor input) => inner.Predict(input);

        public Weights Save() => inner.Save();

        public Weights SaveGradients() => inner.SaveGradients();

        public void Dispose()
        {
            Interlocked.Decrement(ref engine.live);
            if (isServerSide)
                Interlocked.Decrement(ref engine.serverSides);
            inner.Dispose();
        }
    }
}
