using EdgeSplit.Numerics;

namespace EdgeSplit.Models.Layers;

public enum ActivationFunction
{
    ReLU,
    ReLU6,

    /// <summary>x·Φ(x), with the exact normal distribution (Hendrycks &amp; Gimpel 2016).</summary>
    GELU,
}

/// <summary>A nonlinearity, element by element.</summary>
public sealed record Activation(ActivationFunction Function) : Layer
{
    public override string Kind => Function switch
    {
        ActivationFunction.ReLU => "relu",
        ActivationFunction.ReLU6 => "relu6",
        _ => "gelu",
    };

    public override Shape OutputShape(Shape input) => input;

    public override long ForwardFlops(Shape input) => (Function == ActivationFunction.GELU ? 8 : 1) * input.ElementCount;
}
