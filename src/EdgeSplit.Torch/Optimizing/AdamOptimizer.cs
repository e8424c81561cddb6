using EdgeSplit.Compute;
using TorchSharp;

namespace EdgeSplit.Torch.Optimizing;

/// <summary>Adam and AdamW with the formulas and the order of operations of torch.optim.</summary>
internal sealed class AdamOptimizer(OptimizerSpec.Adam spec, int parameters) : IOptimizer
{
    private readonly (torch.Tensor First, torch.Tensor Second)?[] moments = new (torch.Tensor, torch.Tensor)?[parameters];
    private readonly Scalar beta1 = spec.Beta1, beta2 = spec.Beta2, rest1 = 1 - spec.Beta1, rest2 = 1 - spec.Beta2;
    private readonly Scalar epsilon = spec.Epsilon, weightDecay = spec.WeightDecay;
    private Scalar step = 0.0, correction = 1.0, shrink = 1.0;
    private int steps;

    public void Begin(double learningRate)
    {
        steps++;
        DisposeStep();
        step = -learningRate / (1 - Math.Pow(spec.Beta1, steps));
        correction = Math.Sqrt(1 - Math.Pow(spec.Beta2, steps));
        shrink = 1 - (learningRate * spec.WeightDecay);
    }

    public void Move(int index, torch.Tensor parameter, torch.Tensor gradient)
    {
        if (spec.WeightDecay != 0 && spec.Decoupled)
            parameter.mul_(shrink);
        else if (spec.WeightDecay != 0)
            gradient.add_(parameter, weightDecay);

        (torch.Tensor first, torch.Tensor second) = moments[index] ??=
            (gradient.zeros_like().DetachFromDisposeScope(), gradient.zeros_like().DetachFromDisposeScope());
        first.mul_(beta1).add_(gradient, rest1);
        second.mul_(beta2).addcmul_(gradient, gradient, rest2);
        torch.Tensor denominator = second.sqrt().div_(correction).add_(epsilon);
        parameter.addcdiv_(first, denominator, step);
        denominator.Dispose();
    }

    public void Dispose()
    {
        foreach ((torch.Tensor First, torch.Tensor Second)? pair in moments)
        {
            pair?.First.Dispose();
            pair?.Second.Dispose();
        }

        foreach (Scalar scalar in new[] { beta1, beta2, rest1, rest2, epsilon, weightDecay })
            scalar.Dispose();
        DisposeStep();
    }

    private void DisposeStep()
    {
        step.Dispose();
        correction.Dispose();
        shrink.Dispose();
    }
}
