using System.Collections.Immutable;
using EdgeSplit.Models.Layers;
using EdgeSplit.Numerics;

namespace EdgeSplit.Models;

/// <summary>A block in its place in a network, with what follows from its input shape. All counts are per sample.</summary>
public sealed record NetworkBlock
{
    /// <summary>Its number, from 1: cut <c>c</c> leaves blocks 1..c on the device.</summary>
    public required int Number { get; init; }

    public required string Name { get; init; }

    public required ImmutableArray<Layer> Layers { get; init; }

    /// <summary>The shape of one sample coming in.</summary>
    public required Shape InputShape { get; init; }

    /// <summary>The shape of one sample going out: the smashed data if the cut is here.</summary>
    public required Shape OutputShape { get; init; }

    public required ImmutableArray<ParameterSpec> Parameters { get; init; }

    /// <summary>Floating-point operations of the forward pass of one sample; a multiply-add counts as two.</summary>
    public required long ForwardFlops { get; init; }

    /// <summary>Those of the backward pass. The first block of a network has no gradient of its input to compute.</summary>
    public required long BackwardFlops { get; init; }

    /// <summary>Bytes of trainable parameters.</summary>
    public long ParameterBytes => BytesOf(ParameterRole.Trainable);

    /// <summary>Bytes of buffers (batch-norm statistics).</summary>
    public long BufferBytes => BytesOf(ParameterRole.Buffer);

    /// <summary>Bytes of one sample's smashed data if the cut is here, in float32.</summary>
    public long OutputBytes => OutputShape.ElementCount * sizeof(float);

    /// <summary>Bytes of one sample's activations kept from forward to backward, in float32, the input excluded.</summary>
    public required long StoredActivationBytes { get; init; }

    private long BytesOf(ParameterRole role) =>
        Parameters.Where(parameter => parameter.Role == role).Sum(parameter => parameter.ByteCount);

    /// <exception cref="LayerShapeException">A layer does not fit its input.</exception>
    internal static NetworkBlock Derive(int number, Block block, Shape input)
    {
        LayerChain chain = LayerChain.Derive(block.Layers, input, hasInputGradient: number > 1);
        return new NetworkBlock
        {
            Number = number,
            Name = block.Name,
            Layers = block.Layers,
            InputShape = input,
            OutputShape = chain.Output,
            Parameters = [.. block.Layers.SelectMany(layer => layer.Parameters)],
            ForwardFlops = chain.ForwardFlops,
            BackwardFlops = chain.BackwardFlops,
            StoredActivationBytes = checked(chain.StoredElements * sizeof(float)),
        };
    }
}
