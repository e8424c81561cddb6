using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Numerics;
using EdgeSplit.Wire;

namespace EdgeSplit.Training;

/// <summary>What a device and its server side made of a round.</summary>
/// <param name="Model">The whole model; only blocks 1..c where the others are not this device's alone.</param>
/// <param name="Tally">Steps, samples and losses.</param>
/// <param name="BytesUp">Payload the device sent.</param>
/// <param name="BytesDown">Payload the device received.</param>
public sealed record DeviceUpdate(Weights Model, TrainingTally Tally, long BytesUp, long BytesDown) : IDisposable
{
    /// <summary>From the round's start on the device to its end.</summary>
    public double Seconds { get; init; }

    /// <summary>What the device's own work took of it.</summary>
    public double ComputeSeconds { get; init; }

    public void Dispose() => Model.Dispose();
}

/// <summary>One device in one round, seen from the server: its messages checked and its steps answered by a server side.</summary>
public sealed class ServerSession(Network network, TrainingSpec training, ComputeLanes lanes)
{
    /// <summary>Starts the round on the device, answers its steps, and joins both halves when it ends.</summary>
    /// <param name="link">To the device.</param>
    /// <param name="assignment">The device's part.</param>
    /// <param name="round">From 1.</param>
    /// <param name="learningRate">Of the round.</param>
    /// <param name="deviceSide">What the device starts from: weights of blocks 1..c at least.</param>
    /// <param name="serverSide">Answers its steps; stays the caller's. With c = L it is not asked.</param>
    /// <param name="cancellation">Ends the session.</param>
    /// <remarks>What the device still sends of rounds before, in which it was late, is dropped.</remarks>
    /// <exception cref="ProtocolException">The device sent what was not agreed.</exception>
    public async Task<DeviceUpdate> RunRoundAsync(
        ILink link, Assignment assignment, int round, double learningRate, Weights deviceSide, IServerSide serverSide, CancellationToken cancellation)
    {
        link.Agree(new RoundAgreement(network, round, assignment.Cut, training.BatchSize, assignment.Share));
        Message.RoundStart start = new(round, assignment.Cut, learningRate, deviceSide.Slice(network, 1, assignment.Cut), assignment.Share);
        await link.SendAsync(start, cancellation).ConfigureAwait(false);
        if (assignment.Cut == network.Length)
            return await ReceiveWholeAsync(link, start, cancellation).ConfigureAwait(false);

        await serverSide.PrepareAsync().ConfigureAwait(false);
        TrainingTally tally = default;
        long bytesUp = 0, bytesDown = start.PayloadBytes;
        while (true)
        {
            Message message = await ReceiveAsync(link, start, tally.Steps, cancellation).ConfigureAwait(false);
            bytesUp += message.PayloadBytesAs(training.Encoding);
            if (message is Message.RoundEnd end)
            {
                Weights trained = Weights.Join(end.Weights, await serverSide.FinishAsync().ConfigureAwait(false));
                return new DeviceUpdate(trained, tally, bytesUp, bytesDown) { ComputeSeconds = end.ComputeSeconds };
            }

            Message.StepUp up = (Message.StepUp)message;
            LossOutcome outcome = await serverSide.TrainAsync(up, cancellation).ConfigureAwait(false);
            tally = tally.Add(outcome, up.Labels.Length);
            Message.StepDown down = new(round, up.Step, outcome.InputGradient!);
            bytesDown += down.PayloadBytesAs(training.Encoding);
            await link.SendAsync(down, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<DeviceUpdate> ReceiveWholeAsync(ILink link, Message.RoundStart start, CancellationToken cancellation)
    {
        Message.RoundEnd end = (Message.RoundEnd)await ReceiveAsync(link, start, step: 0, cancellation).ConfigureAwait(false);
        return new DeviceUpdate(end.Weights, end.Local!.Value, end.PayloadBytes, start.PayloadBytes) { ComputeSeconds = end.ComputeSeconds };
    }

    /// <summary>The round's next message: a step, or the end, which is all there is of a fully local round.</summary>
    private async Task<Message> ReceiveAsync(ILink link, Message.RoundStart start, int step, CancellationToken cancellation)
    {
        Message message = await link.ReceiveAsync(cancellation).ConfigureAwait(false);
        while (message.Round < start.Round)
        {
            message.Discard();
            message = await link.ReceiveAsync(cancellation).ConfigureAwait(false);
        }

        if (Violation(message, start, step) is not { } violation)
            return message;
        message.Discard();
        throw new ProtocolException(violation);
    }

    /// <summary>What is wrong with a message; null for what was agreed.</summary>
    private string? Violation(Message message, Message.RoundStart start, int step) => (message, start.Cut == network.Length) switch
    {
        (Message.StepUp up, false) => Violation(up, start, step),
        (Message.RoundEnd end, false) => Violation(end, start, step),
        (Message.RoundEnd { Local: { } local } end, true) => Violation(end, start, local.Steps),
        (_, false) => $"Expected a step or the round's end, received {message.GetType().Name}.",
        (_, true) => $"Expected the end of a fully local round, received {message.GetType().Name}.",
    };

    private string? Violation(Message.StepUp up, Message.RoundStart start, int step)
    {
        if (up.Round != start.Round || up.Step != step)
            return $"Expected round {start.Round}, step {step}, received round {up.Round}, step {up.Step}.";
        Shape expected = network.Blocks[start.Cut - 1].OutputShape.Prepend(up.Labels.Length);
        if (up.SmashedData.Shape != expected || up.SmashedData.ElementType != lanes.Engine.ElementType || up.Labels.Length == 0)
            return $"Expected smashed data of shape {expected} in {lanes.Engine.ElementType}, received {up.SmashedData.Shape} in {up.SmashedData.ElementType}.";
        foreach (int label in up.Labels)
        {
            if ((uint)label >= (uint)network.Spec.Classes)
                return $"Label {label} is not one of {network.Spec.Classes} classes.";
        }

        return null;
    }

    private string? Violation(Message.RoundEnd end, Message.RoundStart start, int steps)
    {
        if (end.Round != start.Round)
            return $"Expected the end of round {start.Round}, received that of round {end.Round}.";
        if (!(end.ComputeSeconds >= 0 && double.IsFinite(end.ComputeSeconds)))
            return $"Expected the seconds that a round's work took, received {end.ComputeSeconds}.";
        int expected = 0;
        foreach (NetworkBlock block in network.Segment(1, start.Cut))
        {
            expected += block.Parameters.Length;
            foreach (ParameterSpec parameter in block.Parameters)
            {
                if (!end.Weights.Contains(parameter.Name)
                    || end.Weights[parameter.Name].Shape != parameter.Shape
                    || end.Weights[parameter.Name].ElementType != parameter.ElementType)
                    return $"The round's end lacks '{parameter.Name}' of shape {parameter.Shape} in {parameter.ElementType}.";
            }
        }

        if (end.Weights.Count != expected)
            return $"Expected {expected} tensors at the round's end, received {end.Weights.Count}.";
        return training.LocalWork is LocalWork.Steps work && steps != work.Count
            ? $"Expected {work.Count} steps before the round's end, received {steps}."
            : null;
    }
}
