using System.Collections.Immutable;
using EdgeSplit.Numerics;

namespace EdgeSplit.Models;

/// <summary>A network as data: what a user writes or the zoo builds. <see cref="Network"/> derives the rest.</summary>
/// <param name="Name">Its name, for people.</param>
/// <param name="Input">The shape of one sample, channels first (3x32x32).</param>
/// <param name="Classes">How many logits it ends in.</param>
/// <param name="Blocks">The blocks 1..L, in order.</param>
public sealed record ModelSpec(string Name, Shape Input, int Classes, ImmutableArray<Block> Blocks)
{
    public ModelSpec(string name, Shape input, int classes, IEnumerable<Block> blocks)
        : this(name, input, classes, blocks.ToImmutableArray())
    {
    }
}
