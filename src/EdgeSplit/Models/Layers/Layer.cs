using System.Collections.Immutable;
using EdgeSplit.Numerics;

namespace EdgeSplit.Models.Layers;

/// <summary>
/// One layer as data. The set of kinds is closed: engines interpret each by its type. Shapes are of one sample; FLOPs are
/// per sample, a multiply-add counting as two.
/// </summary>
public abstract record Layer
{
    private protected Layer()
    {
    }

    /// <summary>The prefix of its parameters' names (<c>layer1.0.conv1</c>); unneeded where it has none.</summary>
    public string Name { get; init; } = "";

    /// <summary>The kind as model files write it (<c>conv2d</c>).</summary>
    public abstract string Kind { get; }

    /// <summary>Its parameters and buffers, in torch's order.</summary>
    public virtual ImmutableArray<ParameterSpec> Parameters => [];

    /// <exception cref="LayerShapeException">The input does not fit.</exception>
    public abstract Shape OutputShape(Shape input);

    public abstract long ForwardFlops(Shape input);

    /// <param name="input">The shape of one sample coming in.</param>
    /// <param name="hasInputGradient">False where the input is data, whose gradient nobody asks for.</param>
    public virtual long BackwardFlops(Shape input, bool hasInputGradient) => hasInputGradient ? ForwardFlops(input) : 0;

    /// <summary>Elements of its output and scratch kept until the backward pass.</summary>
    public virtual long StoredElements(Shape input) => OutputShape(input).ElementCount;

    /// <summary>What is wrong with its own numbers, whatever its input; empty where nothing is.</summary>
    internal virtual IEnumerable<string> Flaws => [];

    /// <summary>All that follows from its input shape, once it is known to fit and to be of a size that engines can hold.</summary>
    /// <exception cref="LayerShapeException">It is flawed, its input does not fit, or a tensor passes 2 GiB.</exception>
    internal virtual LayerChain Derive(Shape input, bool hasInputGradient)
    {
        LayerLimits.Check(this);
        Shape output = OutputShape(input);
        LayerLimits.Check(this, output);
        return new LayerChain(
            output,
            ForwardFlops(input),
            BackwardFlops(input, hasInputGradient),
            StoredElements(input),
            hasInputGradient || Parameters.Any(parameter => parameter.Role == ParameterRole.Trainable));
    }

    /// <summary><c>conv2d 'conv1'</c>, for messages.</summary>
    internal string Title => Name.Length > 0 ? $"{Kind} '{Name}'" : Kind;

    private protected LayerShapeException Mismatch(string expected, Shape input) =>
        new($"{Title} takes {expected}, but its input is {input}");

    private protected ParameterSpec Trainable(string suffix, Shape shape, Initialization initialization) =>
        new($"{Name}.{suffix}", shape, ParameterRole.Trainable, initialization);

    private protected ParameterSpec Buffer(string suffix, Shape shape, double value, ElementType elementType = ElementType.Float32) =>
        new($"{Name}.{suffix}", shape, ParameterRole.Buffer, new Initialization.Constant(value), elementType);
}

/// <summary>A layer does not fit its input; the message says which and why.</summary>
public sealed class LayerShapeException(string message) : Exception(message);
