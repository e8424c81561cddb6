using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Numerics;
using EdgeSplit.Wire;

namespace EdgeSplit.Training;

/// <summary>What a device and its server-side replica made of a round.</summary>
/// <param name="Model">The whole model: device-side blocks joined with server-side ones.</param>
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

/// <summary>The server's side of one device in one round: its replica of blocks c+1..L, trained on that device's smashed data.</summary>
public sealed class ServerSession(Network network, TrainingSpec training, ComputeLanes lanes)
{
    /// <summary>Starts the round on the device, answers its steps, and joins both halves when it ends.</summary>
    /// <exception cref="ProtocolException">The device sent what was not agreed.</exception>
    public async Task<DeviceUpdate> RunRoundAsync(
        ILink link, Assignment assignment, int round, double learningRate, Weights global, CancellationToken cancellation)
    {
        link.Agree(new RoundAgreement(network, round, assignment.Cut, training.BatchSize, assignment.Share));
        Message.RoundStart start = new(round, assignment.Cut, learningRate, global.Slice(network, 1, assignment.Cut), assignment.Share);
        await link.SendAsync(start, cancellation).ConfigureAwait(false);
        if (assignment.Cut == network.Length)
            return await ReceiveWholeAsync(link, start, cancellation).ConfigureAwait(false);

        SegmentSpec spec = new(network, assignment.Cut + 1, network.Length, training.Optimizer);
        using ISegment replica = await lanes.RunAsync(() => lanes.Engine.Build(spec, global)).ConfigureAwait(false);
        TrainingTally tally = default;
        long bytesUp = 0, bytesDown = start.PayloadBytes;
        while (true)
        {
            Message message = await link.ReceiveAsync(cancellation).ConfigureAwait(false);
            bytesUp += message.PayloadBytes;
            switch (message)
            {
                case Message.StepUp up:
                    CheckStep(up, assignment.Cut, round, tally.Steps);
                    LossOutcome outcome = await TrainAsync(replica, up, assignment.Device, learningRate).ConfigureAwait(false);
                    tally = tally.Add(outcome, up.Labels.Length);
                    Message.StepDown down = new(round, up.Step, outcome.InputGradient!);
                    bytesDown += down.PayloadBytes;
                    await link.SendAsync(down, cancellation).ConfigureAwait(false);
                    break;
                case Message.RoundEnd end:
                    CheckEnd(end, assignment.Cut, round);
                    Weights serverSide = await lanes.RunAsync(replica.Save).ConfigureAwait(false);
                    return new DeviceUpdate(Join(end.Weights, serverSide), tally, bytesUp, bytesDown) { ComputeSeconds = end.ComputeSeconds };
                default:
                    throw new ProtocolException($"Expected a step or the round's end, received {message.GetType().Name}.");
            }
        }
    }

    private Task<LossOutcome> TrainAsync(ISegment replica, Message.StepUp up, int device, double learningRate) =>
        lanes.RunAsync(() =>
        {
            using HostTensor smashed = up.SmashedData;
            LossOutcome outcome = replica.ForwardBackward(smashed, up.Labels, new StepKey(training.Seed, device, up.Round, up.Step));
            replica.Step(learningRate);
            return outcome;
        });

    private async Task<DeviceUpdate> ReceiveWholeAsync(ILink link, Message.RoundStart start, CancellationToken cancellation)
    {
        Message message = await link.ReceiveAsync(cancellation).ConfigureAwait(false);
        if (message is not Message.RoundEnd { Local: { } tally } end)
            throw new ProtocolException($"Expected the end of a fully local round, received {message.GetType().Name}.");
        CheckEnd(end, start.Cut, start.Round);
        return new DeviceUpdate(end.Weights, tally, end.PayloadBytes, start.PayloadBytes) { ComputeSeconds = end.ComputeSeconds };
    }

    private void CheckStep(Message.StepUp up, int cut, int round, int step)
    {
        if (up.Round != round || up.Step != step)
            throw new ProtocolException($"Expected round {round}, step {step}, received round {up.Round}, step {up.Step}.");
        Shape expected = network.Blocks[cut - 1].OutputShape.Prepend(up.Labels.Length);
        if (up.SmashedData.Shape != expected || up.Labels.Length == 0)
            throw new ProtocolException($"Expected smashed data of shape {expected}, received {up.SmashedData.Shape}.");
        foreach (int label in up.Labels)
        {
            if ((uint)label >= (uint)network.Spec.Classes)
                throw new ProtocolException($"Label {label} is not one of {network.Spec.Classes} classes.");
        }
    }

    private void CheckEnd(Message.RoundEnd end, int cut, int round)
    {
        if (end.Round != round)
            throw new ProtocolException($"Expected the end of round {round}, received that of round {end.Round}.");
        foreach (NetworkBlock block in network.Segment(1, cut))
        {
            foreach (ParameterSpec parameter in block.Parameters)
            {
                if (!end.Weights.Contains(parameter.Name) || end.Weights[parameter.Name].Shape != parameter.Shape)
                    throw new ProtocolException($"The round's end lacks '{parameter.Name}' of shape {parameter.Shape}.");
            }
        }
    }

    private static Weights Join(Weights deviceSide, Weights serverSide)
    {
        Weights whole = new();
        foreach ((string name, HostTensor tensor) in deviceSide)
            whole.Add(name, tensor);
        foreach ((string name, HostTensor tensor) in serverSide)
            whole.Add(name, tensor);
        return whole;
    }
}
