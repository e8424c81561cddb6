using EdgeSplit.Compute;
using TorchSharp;

namespace EdgeSplit.Torch.Optimizing;

/// <summary>Moves a segment's parameters in place. Its state starts at zero.</summary>
internal interface IOptimizer : IDisposable
{
    /// <summary>Moves one parameter; the gradient may be overwritten or kept. Runs without autograd, in a dispose scope.</summary>
    /// <param name="index">The parameter's place among the trainable ones.</param>
    /// <param name="parameter">What moves.</param>
    /// <param name="gradient">Its gradient.</param>
    void Move(int index, torch.Tensor parameter, torch.Tensor gradient);

    /// <summary>Begins a step at <paramref name="learningRate"/>: called once, before the parameters move.</summary>
    void Begin(double learningRate);
}

internal static class Optimizers
{
    public static IOptimizer Create(OptimizerSpec spec, int parameters) => spec switch
    {
        OptimizerSpec.Sgd sgd => new SgdOptimizer(sgd, parameters),
        OptimizerSpec.Adam adam => new AdamOptimizer(adam, parameters),
        _ => throw new NotSupportedException($"The libtorch engine has no optimizer {spec}."),
    };
}
