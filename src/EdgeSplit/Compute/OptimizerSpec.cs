namespace EdgeSplit.Compute;

/// <summary>How a segment's parameters move. State (momentum, moments) starts at zero in every round.</summary>
public abstract record OptimizerSpec
{
    private OptimizerSpec()
    {
    }

    /// <summary>L2 penalty, or with AdamW the decoupled decay (Loshchilov &amp; Hutter 2019).</summary>
    public double WeightDecay { get; init; }

    /// <summary>
    /// μ of the proximal term μ/2 ‖w − w₀‖² (FedProx, Li et al. 2020, eq. 2), w₀ being what the segment was built from: its gradient
    /// μ (w − w₀) is added to every parameter's before all else. 0 for none.
    /// </summary>
    public double Proximal { get; init; }

    /// <summary>Stochastic gradient descent as torch has it, with momentum, by Nesterov's rule if asked.</summary>
    public sealed record Sgd(double Momentum = 0, bool Nesterov = false) : OptimizerSpec;

    /// <summary>Adam (Kingma &amp; Ba 2015); with <paramref name="Decoupled"/>, AdamW.</summary>
    public sealed record Adam(double Beta1 = 0.9, double Beta2 = 0.999, double Epsilon = 1e-8, bool Decoupled = false) : OptimizerSpec;
}
