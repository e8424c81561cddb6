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
            LossOutcome outcome = serverSide.ForwardBackward(batch, labels, new StepKey(7, step.Min(entry => entry.Device), 1, step.Key));
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Splitfed_v2_steps_on_the_batch_of_one_device_after_another_in_an_order_of_each_step(bool oneIsGone)
    {
        TrainingScenario scenario = Scenario(Method.SplitFedV2, oneIsGone) with { LocalWork = new LocalWork.Epochs(1), BatchSize = 32 };
        await using ComputeLanes lanes = new(new TorchEngine(), count: 2);
        using Weights initial = WeightInitializer.Initialize(scenario.Network, 7);
        using ISegment serverSide = Build(scenario, initial);

        TrainingResult result = await scenario.TrainAsync(lanes, Cuts);

        List<string> orders = [];
        foreach (IGrouping<int, (int Device, Message.StepUp Up)> step in messages!.Of<Message.StepUp>().GroupBy(entry => entry.Message.Step).OrderBy(step => step.Key))
        {
            List<(int Device, Message.StepUp Up)> ahead = [.. step];
            string order = "";
            while (ahead.Count > 0)
            {
                // The one whose gradient is of the server side as it is now: there is no other.
                (int device, Message.StepUp up) = Assert.Single(ahead, one => GradientOf(one.Device, step.Key).AsSpan().SequenceEqual(GradientNow(one.Device, one.Up)));
                serverSide.ForwardBackward(up.SmashedData, up.Labels, new StepKey(7, device, 1, step.Key)).InputGradient!.Dispose();
                serverSide.Step(Rate);
                ahead.RemoveAll(one => one.Device == device);
                order += device;
            }

            orders.Add(order);
        }

        using (result.Weights)
        using (Weights expected = serverSide.Save())
        {
            AssertServerSide(expected, result.Weights);
            AssertMeanOfDeviceSides(scenario, result.Weights);
        }

        // Of those who are in it to the end of their epoch, as long as all of them are.
        string[] comparable = [.. orders.Select(order => order.Replace("1", "", StringComparison.Ordinal)).Where(order => order.Length == 3)];
        Assert.True(comparable.Distinct().Count() > 1, string.Join(' ', orders));
        Assert.Equal(oneIsGone ? 1 : 0, scenario.Events.OfType<DeviceLeftOut>().Count());

        byte[] GradientNow(int device, Message.StepUp up)
        {
            using Weights now = serverSide.Save();
            using ISegment trial = Build(scenario, now);
            return trial.ForwardBackward(up.SmashedData, up.Labels, new StepKey(7, device, 1, up.Step)).InputGradient!.Bytes.ToArray();
        }
    }

    [Theory]
    [InlineData(Method.SplitFedV2)]
    [InlineData(Method.Psl)]
    public async Task Who_comes_first_changes_nothing(Method method)
    {
        TrainingScenario scenario = Scenario(method, oneIsGone: false) with { Rounds = 2, LocalWork = new LocalWork.Steps(6) };
        await using ComputeLanes one = new(new TorchEngine(), count: 1), three = new(new TorchEngine(), count: 3);
        using Weights first = (await scenario.TrainAsync(one, Cuts)).Weights, second = (await scenario.TrainAsync(three, Cuts)).Weights;
        TrainingScenario.AssertBitwiseEqual(first, second);
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
        using WeightedMean mean = new(scenario.Network, 1, Cut);
        foreach ((int device, Message.RoundEnd end) in messages!.Of<Message.RoundEnd>().OrderBy(entry => entry.Device))
            mean.Add(end.Weights, messages.SamplesOf(device));
        TrainingScenario.AssertBitwiseEqual(mean.ToWeights(), whole.Slice(scenario.Network, 1, Cut));
    }
}
