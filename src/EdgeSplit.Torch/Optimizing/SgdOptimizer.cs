using EdgeSplit.Compute;
using TorchSharp;

namespace EdgeSplit.Torch.Optimizing;

/// <summary>Stochastic gradient descent with the formulas and the order of operations of torch.optim.SGD.</summary>
internal sealed class SgdOptimizer(OptimizerSpec.Sgd spec, int parameters) : IOptimizer
{
    private readonly torch.Tensor?[] momenta = new torch.Tensor?[parameters];
    private readonly Scalar momentum = spec.Momentum, weightDecay = spec.WeightDecay;
    private Scalar step = 0.0;

    public void Begin(double learningRate)
    {
        step.Dispose();
        step = -learningRate;
    }

    public void Move(int index, torch.Tensor parameter, torch.Tensor gradient)
    {
        if (spec.WeightDecay != 0)
            gradient.add_(parameter, weightDecay);
        parameter.add_(spec.Momentum == 0 ? gradient : Momentum(index, gradient), step);
    }

    public void Dispose()
    {
        foreach (torch.Tensor? buffer in momenta)
            buffer?.Dispose();
        momentum.Dispose();
        weightDecay.Dispose();
        step.Dispose();
    }

    private torch.Tensor Momentum(int index, torch.Tensor gradient)
    {
        if (momenta[index] is not { } buffer)
            momenta[index] = buffer = gradient.clone().DetachFromDisposeScope();
        else
            buffer.mul_(momentum).add_(gradient);
        return spec.Nesterov ? gradient.add_(buffer, momentum) : buffer;
    }
}
