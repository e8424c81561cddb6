using EdgeSplit.Numerics;

namespace EdgeSplit.Models.Layers;

/// <summary>What follows from running layers one after the other. Per sample.</summary>
internal readonly record struct LayerChain(Shape Output, long ForwardFlops, long BackwardFlops, long StoredElements, bool HasParameters)
{
    public static LayerChain Derive(IEnumerable<Layer> layers, Shape input, bool hasInputGradient)
    {
        LayerChain chain = new(input, 0, 0, 0, hasInputGradient);
        foreach (Layer layer in layers)
        {
            Shape output = layer.OutputShape(chain.Output);
            chain = new LayerChain(
                output,
                chain.ForwardFlops + layer.ForwardFlops(chain.Output),
                chain.BackwardFlops + layer.BackwardFlops(chain.Output, chain.HasParameters),
                chain.StoredElements + layer.StoredElements(chain.Output),
                // From the first trained layer on, gradients flow.
                chain.HasParameters || !layer.Parameters.IsEmpty);
        }

        return chain;
    }
}
