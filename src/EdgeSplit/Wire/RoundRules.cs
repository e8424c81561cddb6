using EdgeSplit.Models;
using EdgeSplit.Numerics;
using EdgeSplit.Wire.Protocol;
using Google.Protobuf.Collections;

namespace EdgeSplit.Wire;

/// <summary>
/// What may come next on a link, and how it must look: judged by its header alone, before anything is allocated for it.
/// Not thread-safe: its link guards it.
/// </summary>
internal sealed class RoundRules(LinkEnd end, Network network, TensorEncoding encoding)
{
    private RoundAgreement? agreement;
    private int largestBatch;
    private int stepsUp;
    private int stepsDown;
    private bool hasEnded;
    private Shape awaited;

    public RoundLayouts Layouts { get; } = new(network, encoding);

    /// <summary>The sequence number of the round's start that messages now belong to; what belongs to an earlier one is late.</summary>
    public ulong Start { get; private set; }

    /// <summary>A new round, or the same again: nothing of it has come or gone.</summary>
    public void Agree(RoundAgreement agreed, ulong start)
    {
        agreement = agreed;
        Start = start;
        largestBatch = Math.Max(largestBatch, agreed.BatchSize);
        (stepsUp, stepsDown, hasEnded) = (0, 0, false);
    }

    /// <summary>At the server: the round begins with this message.</summary>
    public void Begin(ulong start) => Start = start;

    /// <summary>Takes note of a message that goes out.</summary>
    public void Sent(Message message)
    {
        if (message is Message.StepUp up)
            (stepsUp, awaited) = (stepsUp + 1, up.SmashedData.Shape);
        else if (message is Message.StepDown)
            stepsDown++;
    }

    /// <summary>Takes note of a message that came.</summary>
    public void Received(FrameHeader header)
    {
        if (header.ContentCase == FrameHeader.ContentOneofCase.StepUp)
            stepsUp++;
        else if (header.ContentCase == FrameHeader.ContentOneofCase.StepDown)
            stepsDown++;
        else if (header.ContentCase == FrameHeader.ContentOneofCase.RoundEnd)
            hasEnded = true;
    }

    /// <exception cref="ProtocolException">The message is one for the other end.</exception>
    public void RequireDirection(FrameHeader header)
    {
        bool isForDevice = header.ContentCase is FrameHeader.ContentOneofCase.RoundStart or FrameHeader.ContentOneofCase.StepDown;
        if (isForDevice != (end == LinkEnd.Device))
            throw new ProtocolException($"{header.ContentCase} is not for a {end} to receive.");
    }

    /// <summary>Whether a message belongs to a round that is over; its payload is to be drained.</summary>
    /// <exception cref="ProtocolException">It belongs to none, or is longer than any could be.</exception>
    public bool IsLate(FrameHeader header)
    {
        ulong start = header.ContentCase switch
        {
            FrameHeader.ContentOneofCase.StepUp => header.StepUp.Start,
            FrameHeader.ContentOneofCase.RoundEnd => header.RoundEnd.Start,
            FrameHeader.ContentOneofCase.StepDown => header.StepDown.Start,
            _ => ulong.MaxValue,
        };
        if (start >= Start)
            return false;
        RequireDrainable(header);
        return true;
    }

    /// <summary>What is not wanted any more, or came before, must still be no longer than a message can be.</summary>
    /// <exception cref="ProtocolException">It is longer.</exception>
    public void RequireDrainable(FrameHeader header)
    {
        long most = Layouts.LargestFromDevice(largestBatch);
        if (header.PayloadBytes > (ulong)most)
            throw new ProtocolException($"Expected at most {most} bytes in {header.ContentCase}, received {header.PayloadBytes}.");
    }

    /// <summary>The tensors of a message that may come now.</summary>
    /// <exception cref="ProtocolException">It may not, or says it has others.</exception>
    public IReadOnlyList<TensorLayout> Judge(FrameHeader header)
    {
        (IReadOnlyList<TensorLayout> expected, RepeatedField<Tensor> tensors) = header.ContentCase switch
        {
            FrameHeader.ContentOneofCase.RoundStart => (Judge(header.RoundStart), header.RoundStart.Tensors),
            FrameHeader.ContentOneofCase.StepDown => (Judge(header.StepDown), header.StepDown.Tensors),
            FrameHeader.ContentOneofCase.StepUp => (Judge(header.StepUp), header.StepUp.Tensors),
            FrameHeader.ContentOneofCase.RoundEnd => (Judge(header.RoundEnd), header.RoundEnd.Tensors),
            _ => throw new ArgumentOutOfRangeException(nameof(header), header.ContentCase, null),
        };
        RequireTensors(header, expected, tensors);
        return expected;
    }

    private IReadOnlyList<TensorLayout> Judge(RoundStart start)
    {
        if (start.Round is 0 or > int.MaxValue || start.Cut < 1 || start.Cut > network.Length)
            throw new ProtocolException($"Expected a round from 1 and a cut of 1 to {network.Length}, received round {start.Round}, cut {start.Cut}.");
        if (!double.IsFinite(start.LearningRate) || start.LearningRate < 0)
            throw new ProtocolException($"Expected a learning rate, received {start.LearningRate}.");
        if (start.Share is { } share && !(IsRate(share.UplinkBitsPerSecond) && IsRate(share.DownlinkBitsPerSecond)))
            throw new ProtocolException("Expected a positive share of the link in both directions.");
        return Layouts.Weights((int)start.Cut);
    }

    private IReadOnlyList<TensorLayout> Judge(StepUp up)
    {
        RoundAgreement agreed = Agreed(nameof(StepUp), up.Start, up.Round);
        if (agreed.Cut == network.Length || hasEnded || up.Step != stepsUp || stepsUp != stepsDown)
            throw new ProtocolException(Expectation($"received step {up.Step}"));
        uint samples = up.Tensors.Count == 2 && up.Tensors[1].Shape.Count == 1 ? up.Tensors[1].Shape[0] : 0;
        return samples >= 1 && samples <= agreed.BatchSize
            ? Layouts.StepUp(agreed.Cut, (int)samples)
            : throw new ProtocolException($"Expected smashed data and labels of 1 to {agreed.BatchSize} samples, received {samples}.");
    }

    private IReadOnlyList<TensorLayout> Judge(RoundEnd roundEnd)
    {
        RoundAgreement agreed = Agreed(nameof(RoundEnd), roundEnd.Start, roundEnd.Round);
        if (hasEnded || stepsUp != stepsDown)
            throw new ProtocolException(Expectation("received the round's end"));
        if ((roundEnd.Local is not null) != (agreed.Cut == network.Length))
            throw new ProtocolException("Expected the device's own tally where it runs the last block, and only there.");
        if (!(roundEnd.ComputeSeconds >= 0 && double.IsFinite(roundEnd.ComputeSeconds)))
            throw new ProtocolException($"Expected seconds of compute, received {roundEnd.ComputeSeconds}.");
        if (roundEnd.Local is { } local && (local.Steps > int.MaxValue || local.Samples > long.MaxValue || local.Correct > local.Samples))
            throw new ProtocolException($"Expected a tally, received {local.Correct} correct of {local.Samples} samples in {local.Steps} steps.");
        return Layouts.Weights(agreed.Cut);
    }

    private IReadOnlyList<TensorLayout> Judge(StepDown down)
    {
        Agreed(nameof(StepDown), down.Start, down.Round);
        return stepsUp == stepsDown + 1 && down.Step == stepsDown
            ? [Layouts.Smashed(awaited)]
            : throw new ProtocolException(Expectation($"received the gradient of step {down.Step}"));
    }

    private RoundAgreement Agreed(string what, ulong start, uint round)
    {
        if (agreement is not { } agreed)
            throw new ProtocolException($"Expected no {what} before a round began.");
        return start == Start && round == agreed.Round
            ? agreed
            : throw new ProtocolException($"Expected messages of round {agreed.Round}, received {what} of round {round} that began with message {start}.");
    }

    private string Expectation(string received)
    {
        string expected = (end, hasEnded, stepsUp == stepsDown) switch
        {
            (_, true, _) => "nothing more in this round",
            (LinkEnd.Server, _, false) => $"nothing before step {stepsDown} is answered",
            (LinkEnd.Server, _, true) => agreement!.Cut == network.Length ? "the round's end" : $"step {stepsUp} or the round's end",
            (_, _, true) => "no gradient before a step",
            (_, _, false) => $"the gradient of step {stepsDown}",
        };
        return $"Expected {expected}, {received}.";
    }

    private static void RequireTensors(FrameHeader header, IReadOnlyList<TensorLayout> expected, RepeatedField<Tensor> received)
    {
        if (received.Count != expected.Count)
            throw new ProtocolException($"Expected {expected.Count} tensors in {header.ContentCase}, received {received.Count}.");
        long bytes = 0;
        for (int index = 0; index < expected.Count; index++)
        {
            if (!expected[index].Is(received[index]))
                throw new ProtocolException(
                    $"Expected {expected[index]} as tensor {index + 1} of {header.ContentCase}, received {TensorLayout.Describe(received[index])}.");
            bytes += expected[index].Bytes;
        }

        if (header.PayloadBytes != (ulong)bytes)
            throw new ProtocolException($"Expected a payload of {bytes} bytes in {header.ContentCase}, received a claim of {header.PayloadBytes}.");
    }

    private static bool IsRate(double value) => double.IsFinite(value) && value > 0;
}
