using EdgeSplit.Numerics;

namespace EdgeSplit.Models;

/// <summary>Whether an optimizer moves it, or the forward pass (batch-norm statistics).</summary>
public enum ParameterRole
{
    Trainable,
    Buffer,
}

/// <summary>How a parameter starts, before any training.</summary>
public abstract record Initialization
{
    /// <summary>Every element <paramref name="Value"/>.</summary>
    public sealed record Constant(double Value) : Initialization;

    /// <summary>Uniform in [−<paramref name="Bound"/>, <paramref name="Bound"/>).</summary>
    public sealed record Uniform(double Bound) : Initialization;

    /// <summary>Normal with mean 0.</summary>
    public sealed record Normal(double StandardDeviation) : Initialization;
}

/// <summary>One named parameter or buffer of a network.</summary>
/// <param name="Name">Its name in a weights file, as torchvision has it (<c>layer1.0.conv1.weight</c>).</param>
/// <param name="Shape">Its shape; a scalar for <c>num_batches_tracked</c>.</param>
/// <param name="Role">Trained, or a buffer.</param>
/// <param name="Initialization">Its value before training.</param>
/// <param name="ElementType">float32 but for counters.</param>
public sealed record ParameterSpec(
    string Name, Shape Shape, ParameterRole Role, Initialization Initialization, ElementType ElementType = ElementType.Float32)
{
    public long ByteCount => Shape.ElementCount * ElementType.Size();
}
