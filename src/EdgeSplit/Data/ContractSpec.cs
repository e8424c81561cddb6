using EdgeSplit.Numerics;

namespace EdgeSplit.Data;

/// <summary>What raw values go through before a network takes them.</summary>
public enum NormalizeKind
{
    /// <summary><see cref="Standard"/>; <see cref="None"/> for a network that begins with an embedding.</summary>
    Auto,

    /// <summary>By the training set's means and standard deviations, published or computed.</summary>
    Standard,

    /// <summary>Nothing.</summary>
    None,

    /// <summary>By means and deviations that the experiment gives.</summary>
    Given,
}

/// <summary>What an experiment says itself of its data's contract; what it leaves out comes from its training files.</summary>
public sealed record ContractSpec
{
    /// <summary>The classes' names in order; null for those of the training labels.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>Whether <see cref="Classes"/> was given as a number, so that labels are numbers.</summary>
    public bool ClassesAreNumbers { get; init; }

    /// <summary>The columns' names in order; null for those of the training file.</summary>
    public IReadOnlyList<string>? Features { get; init; }

    /// <summary>Of one sample; null for that of the training files.</summary>
    public Shape? Shape { get; init; }

    public NormalizeKind Normalize { get; init; }

    /// <summary>Whether another's contract says what labels mean, as on a device: here they are only read.</summary>
    public bool IsBoundLater { get; init; }

    /// <summary>With <see cref="NormalizeKind.Given"/> only.</summary>
    public Normalization? Given { get; init; }

    /// <summary>What values go through, where it is known before the network is.</summary>
    /// <param name="standard">The training set's; null where there is none to compute it of.</param>
    /// <param name="shape">Of one sample.</param>
    /// <param name="faults">Where faults go.</param>
    internal Normalization? Choose(Func<Normalization>? standard, Shape shape, List<Fault> faults)
    {
        switch (Normalize)
        {
            case NormalizeKind.Given when !Given!.Fits(shape):
                faults.Add(new Fault(
                    "data.normalize", $"{Given.Mean.Length} means do not fit samples of {shape}", "give one for all, or one for each channel or column"));
                return null;
            case NormalizeKind.Given:
                return Given;
            case NormalizeKind.Standard when standard is null:
                faults.Add(WithoutSamples);
                return null;
            case NormalizeKind.None:
                return null;
            default:
                return standard?.Invoke();
        }
    }

    /// <summary>What is wrong where values are to be normalised by the training set's and there is none.</summary>
    internal static Fault WithoutSamples { get; } = new(
        "data.normalize", "there are no training samples here to compute means and deviations of", "give normalize: none, or normalize: { mean: [...], deviation: [...] }");

    public bool Equals(ContractSpec? other) =>
        other is not null
        && Normalize == other.Normalize
        && Shape == other.Shape
        && ClassesAreNumbers == other.ClassesAreNumbers
        && Equals(Given, other.Given)
        && (Classes is null) == (other.Classes is null)
        && (Features is null) == (other.Features is null)
        && (Classes ?? []).SequenceEqual(other.Classes ?? [])
        && (Features ?? []).SequenceEqual(other.Features ?? []);

    public override int GetHashCode() => HashCode.Combine(Normalize, Shape, Classes?.Count, Features?.Count);
}
