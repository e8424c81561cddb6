using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Numerics;
using EdgeSplit.Wire;

namespace EdgeSplit.Training;

/// <summary>Blocks c+1..L for one device alone, for its part in a round; the optimizer's state starts at zero with it.</summary>
/// <param name="network">The whole network.</param>
/// <param name="training">How it trains.</param>
/// <param name="lanes">Where.</param>
/// <param name="assignment">Whose it is.</param>
/// <param name="learningRate">Of the round.</param>
/// <param name="start">What it starts from: weights of blocks c+1..L at least, read when it is prepared.</param>
public sealed class ServerReplica(
    Network network, TrainingSpec training, ComputeLanes lanes, Assignment assignment, double learningRate, Weights start) : IServerSide
{
    private ISegment? segment;

    private ISegment Segment => segment ?? throw new InvalidOperationException("The replica is not prepared.");

    public Task PrepareAsync() => lanes.RunAsync(() =>
    {
        segment = lanes.Engine.Build(new SegmentSpec(network, assignment.Cut + 1, network.Length, training.Optimizer), start);
    });

    public Task<LossOutcome> TrainAsync(Message.StepUp step, CancellationToken cancellation) => lanes.RunAsync(() =>
    {
        using HostTensor smashed = step.SmashedData;
        LossOutcome outcome = Segment.ForwardBackward(smashed, step.Labels, new StepKey(training.Seed, assignment.Device, step.Round, step.Step));
        Segment.Step(learningRate);
        return outcome;
    });

    public Task<Weights> FinishAsync() => lanes.RunAsync(Segment.Save);

    public ValueTask DisposeAsync()
    {
        segment?.Dispose();
        return ValueTask.CompletedTask;
    }
}
