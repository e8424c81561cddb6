using EdgeSplit.Torch.Interpreting;
using TorchSharp;

namespace EdgeSplit.Torch.Optimizing;

/// <summary>Pulls parameters towards what they started from (FedProx, Li et al. 2020): a copy of which it keeps.</summary>
internal sealed class ProximalTerm : IDisposable
{
    private readonly Scalar strength;
    private readonly torch.Tensor[] start;

    public ProximalTerm(double strength, IReadOnlyList<SegmentParameter> parameters)
    {
        this.strength = strength;
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable noGradient = torch.no_grad();
        start = [.. parameters.Select(parameter => parameter.Value.detach().clone().DetachFromDisposeScope())];
    }

    /// <summary>gradient += μ (w − w₀). Runs without autograd, in a dispose scope.</summary>
    public void AddTo(torch.Tensor gradient, int index, torch.Tensor parameter) => gradient.add_(parameter.sub(start[index]), strength);

    public void Dispose()
    {
        foreach (torch.Tensor tensor in start)
            tensor.Dispose();
        strength.Dispose();
    }
}
