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
        Shape body = ShapeAfter(Body, input), shortcut = ShapeAfter(Shortcut, input);
        return body == shortcut ? body : throw Unequal(body, shortcut);
    }

    public override long ForwardFlops(Shape input) => Derive(input, hasInputGradient: true).ForwardFlops;

    public override long BackwardFlops(Shape input, bool hasInputGradient) => Derive(input, hasInputGradient).BackwardFlops;

    public override long StoredElements(Shape input) => Derive(input, hasInputGradient: true).StoredElements;

    /// <summary>Both ways at once, so that nesting costs no more than the layers it holds.</summary>
    internal override LayerChain Derive(Shape input, bool hasInputGradient)
    {
        LayerChain body = LayerChain.Derive(Body, input, hasInputGradient);
        LayerChain shortcut = LayerChain.Derive(Shortcut, input, hasInputGradient);
        if (body.Output != shortcut.Output)
            throw Unequal(body.Output, shortcut.Output);
        long sum = body.Output.ElementCount;
        return checked(new LayerChain(
            body.Output,
            body.ForwardFlops + shortcut.ForwardFlops + sum,
            // The gradients of the two ways meet again at the input.
            body.BackwardFlops + shortcut.BackwardFlops + (hasInputGradient ? input.ElementCount : 0),
            body.StoredElements + shortcut.StoredElements + sum,
            body.HasGradient || shortcut.HasGradient));
    }

    private static Shape ShapeAfter(ImmutableArray<Layer> layers, Shape input) =>
        layers.Aggregate(input, (shape, layer) => layer.OutputShape(shape));

    private LayerShapeException Unequal(Shape body, Shape shortcut) =>
        new($"{Title}: its body gives {body}, its shortcut {shortcut}; they must be equal to be added");
}
