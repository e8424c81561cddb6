using EdgeSplit.Models;

namespace EdgeSplit.Cli.Commands;

/// <summary>A whole network's counts. FLOPs are of one sample.</summary>
internal readonly record struct NetworkTotals(long Parameters, long WeightBytes, long ForwardFlops, long BackwardFlops)
{
    public static NetworkTotals Of(Network network) => new(
        network.Blocks.Sum(TrainableIn),
        network.Blocks.Sum(WeightBytesOf),
        network.Blocks.Sum(block => block.ForwardFlops),
        network.Blocks.Sum(block => block.BackwardFlops));

    /// <summary>Trainable parameters of a block, elements not tensors.</summary>
    public static long TrainableIn(NetworkBlock block) =>
        block.Parameters.Where(parameter => parameter.Role == ParameterRole.Trainable).Sum(parameter => parameter.Shape.ElementCount);

    /// <summary>Bytes of its parameters and buffers: what moves when weights do.</summary>
    public static long WeightBytesOf(NetworkBlock block) => block.ParameterBytes + block.BufferBytes;
}
