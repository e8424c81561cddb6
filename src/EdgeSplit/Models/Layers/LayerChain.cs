using EdgeSplit.Numerics;

namespace EdgeSplit.Models.Layers;

/// <summary>What follows from running layers one after the other. Per sample.</summary>
/// <param name="Output">The shape that comes out.</param>
/// <param name="ForwardFlops">Of the forward pass.</param>
/// <param name="BackwardFlops">Of the backward pass.</param>
/// <param name="StoredElements">Kept from forward to backward.</param>
/// <param name="HasGradient">Whether the output has a gradient: the input has one, or a layer so far is trained.</param>
internal readonly record struct LayerChain(
    Shape Output, long ForwardFlops, long BackwardFlops, long StoredElements, bool HasGradient)
{
    /// <exception cref="LayerShapeException">A layer does not fit its input.</exception>
    public static LayerChain Derive(IEnumerable<Layer> layers, Shape input, bool hasInputGradient)
    {
        LayerChain chain = new(input, 0, 0, 0, hasInputGradient);
        foreach (Layer layer in layers)
        {
            try
            {
                LayerChain next = layer.Derive(chain.Output, chain.HasGradient);
                chain = checked(new LayerChain(
                    next.Output,
                    chain.ForwardFlops + next.ForwardFlops,
                    chain.BackwardFlops + next.BackwardFlops,
                    chain.StoredElements + next.StoredElements,
                    next.HasGradient));
            }
            catch (OverflowException)
            {
                throw new LayerShapeException($"{layer.Title}: its sizes are too large to count");
            }
        }

        return chain;
    }
}
