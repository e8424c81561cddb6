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
        { "Expected a step", () => new Message.RoundStart(1, Cut, 0.1, new Weights()) },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public async Task A_violation_ends_the_session_with_its_reason(string reason, Func<Message> violation)
    {
        await using ComputeLanes lanes = new(new TorchEngine(), count: 1);
        (InMemoryLink server, InMemoryLink device) = InMemoryLink.CreatePair();
        using Weights global = WeightInitializer.Initialize(Network, 1);
        TrainingSpec training = new()
        {
            Method = Method.EdgeSplit,
            Rounds = 1,
            LocalWork = new LocalWork.Steps(1),
            BatchSize = 2,
            Optimizer = new OptimizerSpec.Sgd(),
            LearningRate = new LearningRateSchedule.Constant(0.1),
            Seed = 1,
        };
        await device.SendAsync(violation(), default);

        ProtocolException refused = await Assert.ThrowsAsync<ProtocolException>(
            () => new ServerSession(Network, training, lanes).RunRoundAsync(server, new Assignment(0, Cut), 1, 0.1, global, default));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    private static Message.StepUp StepUp(int round = 1, int step = 0, Shape? shape = null, int[]? labels = null) => new(
        round, step, HostTensor.Zeros(ElementType.Float32, shape ?? Network.Blocks[Cut - 1].OutputShape.Prepend(2)), labels ?? [0, 1]);
}
