using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Numerics;
using EdgeSplit.Tests.Torch;
using EdgeSplit.Torch;
using EdgeSplit.Training;
using EdgeSplit.Wire;

namespace EdgeSplit.Tests.Training;

/// <summary>A device that does not keep to what was agreed ends its own session, with the reason.</summary>
[Collection(TorchCollection.Name)]
public class ServerSessionTests
{
    private const int Cut = 2;

    private static readonly TrainingScenario Scenario = new("lenet5");

    private static readonly TrainingSpec Training = new()
    {
        Method = Method.EdgeSplit,
        Rounds = 1,
        LocalWork = new LocalWork.Steps(1),
        BatchSize = 2,
        Optimizer = new OptimizerSpec.Sgd(),
        LearningRate = new LearningRateSchedule.Constant(0.1),
        Seed = 1,
    };

    private static Network Network => Scenario.Network;

    public static TheoryData<string, Func<Message>> Violations => new()
    {
        { "round 1, step 0", () => StepUp(round: 2) },
        { "step 0", () => StepUp(step: 1) },
        { "Expected smashed data of shape 2x", () => StepUp(shape: new Shape(2, 3)) },
        { "Expected smashed data of shape 2x", () => StepUp(shape: Network.Blocks[Cut - 1].OutputShape.Prepend(3)) },
        { "Expected smashed data", () => StepUp(labels: []) },
        { "Label 10 is not one of 10 classes", () => StepUp(labels: [0, 10]) },
        { "Label -1 is not one of 10 classes", () => StepUp(labels: [-1, 0]) },
        { "Expected the end of round 1", () => new Message.RoundEnd(2, new Weights(), Local: null) },
        { "lacks", () => new Message.RoundEnd(1, new Weights(), Local: null) },
        { "Expected 4 tensors", () => new Message.RoundEnd(1, Extended(Trained()), Local: null) },
        { "Expected 1 steps before the round's end, received 0", () => new Message.RoundEnd(1, Trained(), Local: null) },
        { "Expected the seconds", () => new Message.RoundEnd(1, Trained(), Local: null, double.NaN) },
        { "in Float32, received 2x400 in Float64", () => StepUp() with { SmashedData = HostTensor.Zeros(ElementType.Float64, new Shape(2, 400)) } },
        { "Expected a step", () => new Message.RoundStart(1, Cut, 0.1, new Weights()) },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public async Task A_violation_ends_the_session_with_its_reason(string reason, Func<Message> violation)
    {
        await using ComputeLanes lanes = new(new TorchEngine(), count: 1);
        (InMemoryLink server, InMemoryLink device) = InMemoryLink.CreatePair();
        using Weights global = WeightInitializer.Initialize(Network, 1);
        Message sent = violation();
        await device.SendAsync(sent, default);

        ProtocolException refused = await Assert.ThrowsAsync<ProtocolException>(
            () => new ServerSession(Network, Training, lanes).RunRoundAsync(
                server, new Assignment(0, Cut), 1, 0.1, global, Replica(lanes, global), default));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        if (sent is Message.StepUp up)
            Assert.Throws<ObjectDisposedException>(() => up.SmashedData.Memory);
    }

    [Fact]
    public async Task What_a_late_device_still_sends_of_rounds_before_is_dropped()
    {
        await using ComputeLanes lanes = new(new TorchEngine(), count: 1);
        (InMemoryLink server, InMemoryLink device) = InMemoryLink.CreatePair();
        using Weights global = WeightInitializer.Initialize(Network, 1);
        Message.StepUp lateStep = StepUp(round: 1, step: 7);
        Message.RoundEnd lateEnd = new(2, Trained(), Local: null);
        foreach (Message message in (Message[])[lateStep, lateEnd, StepUp(round: 3), new Message.RoundEnd(3, Trained(), Local: null)])
            await device.SendAsync(message, default);

        using DeviceUpdate update = await new ServerSession(Network, Training, lanes).RunRoundAsync(
            server, new Assignment(0, Cut), 3, 0.1, global, Replica(lanes, global), default);

        Assert.Equal(1, update.Tally.Steps);
        Assert.Throws<ObjectDisposedException>(() => lateStep.SmashedData.Memory);
        Assert.All(lateEnd.Weights, entry => Assert.Throws<ObjectDisposedException>(() => entry.Value.Memory));
    }

    private static ServerReplica Replica(ComputeLanes lanes, Weights global) => new(Network, Training, lanes, new Assignment(0, Cut), 0.1, global);

    /// <summary>Weights as a device sends them.</summary>
    private static Weights Trained()
    {
        using Weights whole = WeightInitializer.Initialize(Network, 1);
        Weights trained = new();
        foreach ((string name, HostTensor tensor) in whole.Slice(Network, 1, Cut))
            trained.Add(name, tensor.Clone());
        return trained;
    }

    private static Weights Extended(Weights weights)
    {
        weights.Add("fc3.weight", HostTensor.Zeros(ElementType.Float32, new Shape(1)));
        return weights;
    }

    private static Message.StepUp StepUp(int round = 1, int step = 0, Shape? shape = null, int[]? labels = null) => new(
        round, step, HostTensor.Zeros(ElementType.Float32, shape ?? Network.Blocks[Cut - 1].OutputShape.Prepend(2)), labels ?? [0, 1]);
}
