using EdgeSplit.Models;
using EdgeSplit.Numerics;

namespace EdgeSplit.Wire;

/// <summary>The tensors of each round message, as they follow from the network, the cut and the encoding.</summary>
internal sealed class RoundLayouts(Network network, TensorEncoding encoding)
{
    /// <summary>Of a round's start and end: parameters and buffers of blocks 1..cut, in the network's order.</summary>
    public IReadOnlyList<TensorLayout> Weights(int cut) =>
        [.. ParametersOf(cut).Select(parameter => new TensorLayout(parameter.ElementType, parameter.Shape))];

    /// <summary>The parameters of blocks 1..cut, in the network's order.</summary>
    public IEnumerable<ParameterSpec> ParametersOf(int cut) => network.Blocks.Take(cut).SelectMany(block => block.Parameters);

    /// <summary>The network's first so many parameters.</summary>
    public IEnumerable<ParameterSpec> FirstParameters(int count) => network.Parameters.Take(count);

    /// <summary>Of a step up: smashed data and labels.</summary>
    public IReadOnlyList<TensorLayout> StepUp(int cut, int samples) =>
        [Smashed(network.Blocks[cut - 1].OutputShape.Prepend(samples)), new TensorLayout(ElementType.Int32, new Shape(samples))];

    /// <summary>Smashed data, or its gradient.</summary>
    public TensorLayout Smashed(Shape shape) => new(encoding.ElementType(), shape);

    /// <summary>The most bytes a message from a device has, whatever its cut: what is drained of a late one.</summary>
    public long LargestFromDevice(int batchSize)
    {
        long weights = network.Parameters.Sum(parameter => parameter.ByteCount);
        long smashed = network.Blocks.Max(block => block.OutputShape.ElementCount) * encoding.ElementType().Size();
        return Math.Max(weights, batchSize * (smashed + sizeof(int)));
    }
}
