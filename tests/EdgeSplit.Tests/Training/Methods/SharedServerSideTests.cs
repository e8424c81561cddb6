using EdgeSplit.Compute;
using EdgeSplit.Numerics;
using EdgeSplit.Tests.Torch;
using EdgeSplit.Torch;
using EdgeSplit.Training;
using EdgeSplit.Wire;

namespace EdgeSplit.Tests.Training.Methods;

/// <summary>
/// What a server side that devices share does with their smashed data, computed again from the messages with one segment and no
/// method: the same gradients and the same weights, bit for bit.
/// </summary>
[Collection(TorchCollection.Name)]
public class SharedServerSideTests
{
    private const int Cut = 2;
    private const double Rate = 0.05;
    private static readonly int[] Cuts = [Cut, Cut, Cut, Cut];

    private RecordingFleet? messages;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Psl_steps_on_the_concatenated_batch_of_the_devices_still_there(bool oneIsGone)
    {
        // Epochs: devices have different numbers of steps, and the last batches are short.
        TrainingScenario scenario = Scenario(Method.Psl, oneIsGone) with { LocalWork = new LocalWork.Epochs(1), BatchSize = 32 };
        await using ComputeLanes lanes = new(new TorchEngine(), count: 2);
        using Weights initial = WeightInitializer.Initialize(scenario.Network, 7);
        using ISegment serverSide = Build(scenario, initial);

        TrainingResult result = await scenario.TrainAsync(lanes, Cuts);

        foreach (IGrouping<int, (int Device, Message.StepUp Up)> step in messages!.Of<Message.StepUp>().GroupBy(entry => entry.Message.Step).OrderBy(step => step.Key))
        {
            Message.StepUp[] ups = [.. step.OrderBy(entry => entry.Device).Select(entry => entry.Up)];
            int[] labels = [.. ups.SelectMany(up => up.Labels)];
            HostTensor batch = HostTensor.Zeros(ElementType.Float32, ups[0].SmashedData.Shape.WithoutLeading().Prepend(labels.Length));
            ups.SelectMany(up => up.SmashedData.Bytes.ToArray()).ToArray().CopyTo(batch.Bytes);
            LossOutcome outcome = serverSide.ForwardBackward(batch, labels, new StepKey(7, 0, 1, step.Key));
            serverSide.Step(Rate);
            byte[] gradients = [.. step.OrderBy(entry => entry.Device).SelectMany(entry => GradientOf(entry.Device, step.Key))];
            Assert.Equal(outcome.InputGradient!.Bytes.ToArray(), gradients);
        }

        using (result.Weights)
        using (Weights expected = serverSide.Save())
        {
            AssertServerSide(expected, result.Weights);
            AssertMeanOfDeviceSides(scenario, result.Weights);
        }

        Assert.Equal(oneIsGone ? 1 : 0, scenario.Events.OfType<DeviceLeftOut>().Count());
        Assert.True(messages.Of<Message.StepUp>().CountBy(entry => entry.Device).Select(count => count.Value).Distinct().Count() > 1);
    }

    [Fact]
    public async Task Splitfed_v2_trains_one_server_side_on_one_device_after_another()
    {
        TrainingScenario scenario = Scenario(Method.SplitFedV2, oneIsGone: false);
        await using ComputeLanes lanes = new(new TorchEngine(), count: 2);
        Weights serverSide = WeightInitializer.Initialize(scenario.Network, 7);

        TrainingResult result = await scenario.TrainAsync(lanes, Cuts);

        foreach (int device in messages!.Of<Message.RoundStart>().Select(entry => entry.Device))
        {
            using ISegment segment = Build(scenario, serverSide);
            foreach ((int _, Message.StepUp up) in messages.Of<Message.StepUp>().Where(entry => entry.Device == device))
            {
                LossOutcome outcome = segment.ForwardBackward(up.SmashedData, up.Labels, new StepKey(7, device, 1, up.Step));
                segment.Step(Rate);
                Assert.Equal(outcome.InputGradient!.Bytes.ToArray(), GradientOf(device, up.Step));
            }

            serverSide = segment.Save();
        }

        using (result.Weights)
        {
            AssertServerSide(serverSide, result.Weights);
            AssertMeanOfDeviceSides(scenario, result.Weights);
        }

        Assert.All(messages.Of<Message.RoundStart>(), entry => TrainingScenario.AssertBitwiseEqual(messages.Of<Message.RoundStart>().First().Message.Weights, entry.Message.Weights));
    }

    [Fact]
    public async Task Splitfed_v2_takes_devices_in_another_order_each_round_but_the_same_each_run()
    {
        TrainingScenario scenario = Scenario(Method.SplitFedV2, oneIsGone: false) with { Rounds = 4 };
        await using ComputeLanes lanes = new(new TorchEngine(), count: 2);
        string[] first = await OrdersAsync(), second = await OrdersAsync();
        Assert.Equal(first, second);
        Assert.True(first.Distinct().Count() > 1, string.Join(" ", first));

        async Task<string[]> OrdersAsync()
        {
            (await scenario.TrainAsync(lanes, Cuts)).Weights.Dispose();
            return [.. messages!.Of<Message.RoundStart>().GroupBy(entry => entry.Message.Round).Select(round => string.Concat(round.Select(entry => entry.Device)))];
        }
    }

    [Fact]
    public async Task Split_hands_the_device_side_from_one_device_to_the_next_in_fleet_order()
    {
        TrainingScenario scenario = Scenario(Method.Split, oneIsGone: false) with { Rounds = 2 };
        await using ComputeLanes lanes = new(new TorchEngine(), count: 2);

        TrainingResult result = await scenario.TrainAsync(lanes, Cuts);

        (int Device, Message.RoundStart Start)[] starts = [.. messages!.Of<Message.RoundStart>()];
        Message.RoundEnd[] ends = [.. messages.Of<Message.RoundEnd>().Select(entry => entry.Message)];
        Assert.Equal([0, 1, 2, 3, 0, 1, 2, 3], starts.Select(entry => entry.Device));
        for (int turn = 1; turn < starts.Length; turn++)
            TrainingScenario.AssertBitwiseEqual(ends[turn - 1].Weights, starts[turn].Start.Weights);
        using (result.Weights)
            TrainingScenario.AssertBitwiseEqual(ends[^1].Weights, result.Weights.Slice(scenario.Network, 1, Cut));
    }

    private TrainingScenario Scenario(Method method, bool oneIsGone) => new("lenet5")
    {
        Method = method,
        Rounds = 1,
        Dropout = 0.25,
        LearningRate = new LearningRateSchedule.Constant(Rate),
        Failures = new FailurePolicy { MinimumDevices = 3 },
        Between = fleet => messages = new RecordingFleet(oneIsGone ? new FaultyFleet(fleet, (1, 1, Conduct.Gone)) : fleet),
    };

    private static ISegment Build(TrainingScenario scenario, Weights weights) =>
        TorchLane.Engine().Build(new SegmentSpec(scenario.Network, Cut + 1, scenario.Network.Length, scenario.Optimizer), weights);

    private byte[] GradientOf(int device, int step) =>
        messages!.Of<Message.StepDown>().Single(entry => (entry.Device, entry.Message.Step) == (device, step)).Message.CutLayerGradient.Bytes.ToArray();

    private static void AssertServerSide(Weights expected, Weights whole)
    {
        foreach ((string name, HostTensor tensor) in expected.Where(entry => entry.Key.StartsWith("fc", StringComparison.Ordinal)))
            Assert.True(tensor.Bytes.SequenceEqual(whole[name].Bytes), $"'{name}' differs");
    }

    private void AssertMeanOfDeviceSides(TrainingScenario scenario, Weights whole)
    {
        WeightedMean mean = new(scenario.Network, 1, Cut);
        IEnumerable<(int Device, Message.RoundEnd End)> ends = messages!.Of<Message.RoundEnd>();
        foreach ((int device, Message.RoundEnd end) in scenario.Method == Method.Psl ? ends.OrderBy(entry => entry.Device) : ends)
            mean.Add(end.Weights, messages.SamplesOf(device));
        TrainingScenario.AssertBitwiseEqual(mean.ToWeights(), whole.Slice(scenario.Network, 1, Cut));
    }
}
