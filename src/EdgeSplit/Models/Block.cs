using System.Collections.Immutable;
using EdgeSplit.Models.Layers;

namespace EdgeSplit.Models;

/// <summary>The unit between two possible cuts: a layer with what belongs to it, or a residual block kept whole.</summary>
/// <param name="Name">How people call it, for instance <c>layer1.0</c>.</param>
/// <param name="Layers">What it computes, in order.</param>
public sealed record Block(string Name, ImmutableArray<Layer> Layers)
{
    public Block(string name, params Layer[] layers)
        : this(name, layers.ToImmutableArray())
    {
    }
}
