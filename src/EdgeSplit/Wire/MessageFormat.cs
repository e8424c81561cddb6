using System.Buffers;
using System.Runtime.InteropServices;
using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Numerics;
using EdgeSplit.Wire.Protocol;

namespace EdgeSplit.Wire;

/// <summary>The four round messages as frames, and back.</summary>
internal static class MessageFormat
{
    /// <summary>A message's header, but for what only its link knows; and its payload, where it is.</summary>
    /// <param name="message">Its tensors are read until the frame is sent.</param>
    /// <param name="sequence">Its number.</param>
    /// <param name="rules">Know its round and how tensors travel.</param>
    /// <param name="encoding">Of smashed data and gradients.</param>
    public static (FrameHeader Header, IReadOnlyList<PayloadPart> Parts) Write(
        Message message, ulong sequence, RoundRules rules, TensorEncoding encoding)
    {
        RoundLayouts layouts = rules.Layouts;
        ulong start = rules.Start;
        FrameHeader header = new() { Sequence = sequence };
        switch (message)
        {
            case Message.RoundStart round:
                header.RoundStart = new RoundStart { Round = (uint)round.Round, Cut = (uint)round.Cut, LearningRate = round.LearningRate };
                if (round.Share is { } share)
                {
                    header.RoundStart.Share = new Share
                    {
                        UplinkBitsPerSecond = share.UplinkBitsPerSecond,
                        DownlinkBitsPerSecond = share.DownlinkBitsPerSecond,
                    };
                }

                return Complete(header, header.RoundStart.Tensors, round.Weights, layouts.ParametersOf(round.Cut));
            case Message.StepUp up:
                header.StepUp = new StepUp { Start = start, Round = (uint)up.Round, Step = (uint)up.Step };
                return Complete(
                    header,
                    header.StepUp.Tensors,
                    [layouts.Smashed(up.SmashedData.Shape), new TensorLayout(Numerics.ElementType.Int32, new Shape(up.Labels.Length))],
                    [new PayloadPart(up.SmashedData.Memory, encoding), new PayloadPart(MemoryMarshal.AsBytes(up.Labels.AsSpan()).ToArray())]);
            case Message.StepDown down:
                header.StepDown = new StepDown { Start = start, Round = (uint)down.Round, Step = (uint)down.Step };
                return Complete(
                    header,
                    header.StepDown.Tensors,
                    [layouts.Smashed(down.CutLayerGradient.Shape)],
                    [new PayloadPart(down.CutLayerGradient.Memory, encoding)]);
            case Message.RoundEnd end:
                header.RoundEnd = new RoundEnd { Start = start, Round = (uint)end.Round, ComputeSeconds = end.ComputeSeconds, Local = TallyOf(end.Local) };
                return Complete(header, header.RoundEnd.Tensors, end.Weights, layouts.FirstParameters(end.Weights.Count));
            default:
                throw new ArgumentOutOfRangeException(nameof(message), message, null);
        }
    }

    /// <summary>Reads the payload of a message whose header was judged.</summary>
    public static async ValueTask<Message> ReadAsync(
        FrameConnection connection, FrameHeader header, IReadOnlyList<TensorLayout> tensors, RoundLayouts layouts)
    {
        switch (header.ContentCase)
        {
            case FrameHeader.ContentOneofCase.StepUp:
                StepUp up = header.StepUp;
                HostTensor smashed = await ReadTensorAsync(connection, tensors[0]).ConfigureAwait(false);
                try
                {
                    int[] labels = await ReadLabelsAsync(connection, tensors[1].Shape[0]).ConfigureAwait(false);
                    return new Message.StepUp((int)up.Round, (int)up.Step, smashed, labels);
                }
                catch
                {
                    smashed.Dispose();
                    throw;
                }

            case FrameHeader.ContentOneofCase.StepDown:
                HostTensor gradient = await ReadTensorAsync(connection, tensors[0]).ConfigureAwait(false);
                return new Message.StepDown((int)header.StepDown.Round, (int)header.StepDown.Step, gradient);
            case FrameHeader.ContentOneofCase.RoundStart:
                RoundStart start = header.RoundStart;
                Weights initial = await ReadWeightsAsync(connection, layouts.ParametersOf((int)start.Cut)).ConfigureAwait(false);
                LinkShare? share = start.Share is { } one ? new LinkShare(one.UplinkBitsPerSecond, one.DownlinkBitsPerSecond) : null;
                return new Message.RoundStart((int)start.Round, (int)start.Cut, start.LearningRate, initial, share);
            case FrameHeader.ContentOneofCase.RoundEnd:
                RoundEnd end = header.RoundEnd;
                IEnumerable<ParameterSpec> parameters = layouts.FirstParameters(tensors.Count);
                Weights trained = await ReadWeightsAsync(connection, parameters).ConfigureAwait(false);
                return new Message.RoundEnd((int)end.Round, trained, TallyOf(end.Local), end.ComputeSeconds);
            default:
                throw new ArgumentOutOfRangeException(nameof(header), header.ContentCase, null);
        }
    }

    /// <summary>Gives back the memory of tensors that belong to whoever has the message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="ownsWeights">Whether a round's start is this end's own copy.</param>
    public static void Release(Message message, bool ownsWeights)
    {
        switch (message)
        {
            case Message.StepUp up:
                up.SmashedData.Dispose();
                break;
            case Message.StepDown down:
                down.CutLayerGradient.Dispose();
                break;
            case Message.RoundEnd end:
                end.Weights.Dispose();
                break;
            case Message.RoundStart start when ownsWeights:
                start.Weights.Dispose();
                break;
        }
    }

    private static (FrameHeader Header, IReadOnlyList<PayloadPart> Parts) Complete(
        FrameHeader header, ICollection<Tensor> tensors, IEnumerable<TensorLayout> layouts, IReadOnlyList<PayloadPart> parts)
    {
        foreach (TensorLayout layout in layouts)
            tensors.Add(layout.ToHeader());
        header.PayloadBytes = (ulong)parts.Sum(part => part.WireBytes);
        return (header, parts);
    }

    /// <summary>Weights travel without their names: in the network's order, whatever order they are in here.</summary>
    private static (FrameHeader Header, IReadOnlyList<PayloadPart> Parts) Complete(
        FrameHeader header, ICollection<Tensor> tensors, Weights weights, IEnumerable<ParameterSpec> parameters)
    {
        HostTensor[] ordered = [.. parameters.Select(parameter => weights[parameter.Name])];
        return Complete(
            header,
            tensors,
            ordered.Select(tensor => new TensorLayout(tensor.ElementType, tensor.Shape)),
            [.. ordered.Select(tensor => new PayloadPart(tensor.Memory))]);
    }

    private static Tally? TallyOf(TrainingTally? tally) => tally is { } sums
        ? new Tally { Steps = (uint)sums.Steps, Samples = (ulong)sums.Samples, LossSum = sums.LossSum, Correct = (ulong)sums.Correct }
        : null;

    private static TrainingTally? TallyOf(Tally? tally) =>
        tally is null ? null : new TrainingTally((int)tally.Steps, (long)tally.Samples, tally.LossSum, (long)tally.Correct);

    private static async ValueTask<HostTensor> ReadTensorAsync(FrameConnection connection, TensorLayout layout)
    {
        TensorEncoding? encoding = layout.ElementType switch
        {
            Numerics.ElementType.BFloat16 => TensorEncoding.BFloat16,
            Numerics.ElementType.Float16 => TensorEncoding.Float16,
            _ => null,
        };
        HostTensor tensor = HostTensor.Rent(encoding is null ? layout.ElementType : Numerics.ElementType.Float32, layout.Shape);
        try
        {
            if (encoding is { } narrow)
                await connection.ReceiveEncodedAsync(tensor, narrow).ConfigureAwait(false);
            else
                await connection.ReceivePayloadAsync(tensor.Memory).ConfigureAwait(false);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    private static async ValueTask<int[]> ReadLabelsAsync(FrameConnection connection, int count)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(count * sizeof(int));
        try
        {
            Memory<byte> received = bytes.AsMemory(0, count * sizeof(int));
            await connection.ReceivePayloadAsync(received).ConfigureAwait(false);
            return MemoryMarshal.Cast<byte, int>(received.Span).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private static async ValueTask<Weights> ReadWeightsAsync(
        FrameConnection connection, IEnumerable<ParameterSpec> parameters)
    {
        Weights weights = new();
        try
        {
            foreach (ParameterSpec parameter in parameters)
            {
                TensorLayout layout = new(parameter.ElementType, parameter.Shape);
                weights.Add(parameter.Name, await ReadTensorAsync(connection, layout).ConfigureAwait(false));
            }

            return weights;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }
}
