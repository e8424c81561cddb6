namespace EdgeSplit.Experiments.Comparisons;

/// <summary>One training of a comparison.</summary>
/// <param name="Method">The method that trains.</param>
/// <param name="Seed">With which seed.</param>
/// <param name="Experiment">What is trained.</param>
/// <param name="Serves">The methods whose curves it gives: this one, and those of the same mathematics.</param>
public sealed record ComparisonTraining(string Method, ulong Seed, Experiment Experiment, IReadOnlyList<string> Serves)
{
    /// <summary>Its run folder's name.</summary>
    public string Name => FormattableString.Invariant($"{Method}-seed{Seed}");
}
