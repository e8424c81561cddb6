using System.Collections.Immutable;
using EdgeSplit.Models.Layers;
using EdgeSplit.Numerics;

namespace EdgeSplit.Models.Zoo;

/// <summary>A zoo network's blocks as they are put together, with the shape that has come out so far.</summary>
internal sealed class BlockList(Shape input, int classes, double? dropout)
{
    private readonly ImmutableArray<Block>.Builder blocks = ImmutableArray.CreateBuilder<Block>();

    public Shape Input { get; } = input;

    public int Classes => classes;

    /// <summary>The shape of one sample after the blocks so far.</summary>
    public Shape Output { get; private set; } = input;

    /// <summary>Channels of <see cref="Output"/>, or its features where it is flat.</summary>
    public int Channels => Output[0];

    /// <exception cref="LayerShapeException">A layer does not fit; the message names the block.</exception>
    public void Add(string name, params IEnumerable<Layer> layers)
    {
        Block block = new(name, layers.ToImmutableArray());
        try
        {
            Output = LayerChain.Derive(block.Layers, Output, hasInputGradient: false).Output;
        }
        catch (LayerShapeException mismatch)
        {
            throw new LayerShapeException($"block {blocks.Count + 1} ({name}): {mismatch.Message}");
        }

        blocks.Add(block);
    }

    /// <summary>Dropout with the probability the user asked for, or else the network's own; nothing where that is 0.</summary>
    public IEnumerable<Layer> DropoutOr(double usual = 0) => (dropout ?? usual) > 0 ? [new Dropout(dropout ?? usual)] : [];

    public ImmutableArray<Block> ToImmutable() => blocks.ToImmutable();
}
