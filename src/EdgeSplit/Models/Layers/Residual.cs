using System.Collections.Immutable;
using EdgeSplit.Numerics;

namespace EdgeSplit.Models.Layers;

/// <summary>body(x) + shortcut(x) (He et al. 2016). An empty shortcut passes x on unchanged.</summary>
public sealed record Residual(ImmutableArray<Layer> Body, ImmutableArray<Layer> Shortcut) : Layer
{
    public Residual(IEnumerable<Layer> body, IEnumerable<Layer> shortcut)
        : this(body.ToImmutableArray(), shortcut.ToImmutableArray())
    {
    }

    public override string Kind => "residual";

    public override ImmutableArray<ParameterSpec> Parameters =>
        [.. Body.SelectMany(layer => layer.Parameters), .. Shortcut.SelectMany(layer => layer.Parameters)];

    public override Shape OutputShape(Shape input)
    {
        Shape body = BodyChain(input).Output;
        Shape shortcut = ShortcutChain(input).Output;
        return body == shortcut
            ? body
            : throw new LayerShapeException($"residual: its body gives {body}, its shortcut {shortcut}; they must be equal to be added");
    }

    public override long ForwardFlops(Shape input)
    {
        LayerChain body = BodyChain(input);
        return body.ForwardFlops + ShortcutChain(input).ForwardFlops + body.Output.ElementCount;
    }

    public override long BackwardFlops(Shape input, bool hasInputGradient)
    {
        LayerChain body = LayerChain.Derive(Body, input, hasInputGradient);
        LayerChain shortcut = LayerChain.Derive(Shortcut, input, hasInputGradient);
        return body.BackwardFlops + shortcut.BackwardFlops + (hasInputGradient ? input.ElementCount : 0);
    }

    public override long StoredElements(Shape input)
    {
        LayerChain body = BodyChain(input);
        return body.StoredElements + ShortcutChain(input).StoredElements + body.Output.ElementCount;
    }

    private LayerChain BodyChain(Shape input) => LayerChain.Derive(Body, input, hasInputGradient: true);

    private LayerChain ShortcutChain(Shape input) => LayerChain.Derive(Shortcut, input, hasInputGradient: true);
}
