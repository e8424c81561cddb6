namespace EdgeSplit.Compute;

/// <summary>How a segment's parameters move. State (momentum, moments) starts at zero in every round.</summary>
public abstract record OptimizerSpec
{
    private OptimizerSpec()
    {
    }

    /// <summary>L2 penalty, or with AdamW the decoupled decay (Loshchilov &amp; Hutter 2019).</summary>
    public double WeightDecay { get; init; }

    /// <summary>Stochastic gradient descent as torch has it, with momentum, by Nesterov's rule if asked.</summary>
    public sealed record Sgd(double Momentum = 0, bool Nesterov = false) : OptimizerSpec;

    /// <summary>Adam (Kingma &amp; Ba 2015); with <paramref name="Decoupled"/>, AdamW.</summary>
    public sealed record Adam(double Beta1 = 0.9, double Beta2 = 0.999, double Epsilon = 1e-8, bool Decoupled = false) : OptimizerSpec;
}
