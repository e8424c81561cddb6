using EdgeSplit.Numerics;

namespace EdgeSplit.Data;

/// <summary>What the numbers of a sample are.</summary>
public enum SampleElement
{
    /// <summary>Measured values, pixels: normalised or not.</summary>
    Float,

    /// <summary>Numbers of a vocabulary, for a network that begins with an embedding: whole, from 0, never normalised.</summary>
    Token,
}

/// <summary>
/// What a sample is and what its label means, for everyone who trains, judges or uses one network: the columns' names in order, the
/// shape, the kind of number, what raw values go through, the classes' names in order. Immutable, equal by value.
/// </summary>
public sealed record DataContract
{
    /// <summary>More classes than any table of labels in use has; a column with more different values is no label.</summary>
    public const int MostClasses = 100_000;

    /// <summary>The most columns; what a line of a CSV file may have.</summary>
    public const int MostFeatures = 1 << 16;

    /// <summary>Of a class's or a column's name, in characters.</summary>
    public const int LongestName = 256;

    /// <summary>Of a contract as text, in bytes.</summary>
    public const int LargestBytes = 4 << 20;

    /// <summary>The key of its text in the metadata of a safetensors file.</summary>
    public const string MetadataKey = "edgesplit.contract";

    /// <summary>The shape of one sample, channels first.</summary>
    public required Shape SampleShape { get; init; }

    /// <summary>The classes' names; a label is an index into them.</summary>
    public required IReadOnlyList<string> ClassNames { get; init; }

    /// <summary>The columns' names, one a number of a sample; null for images and whatever else has none.</summary>
    public IReadOnlyList<string>? FeatureNames { get; init; }

    public SampleElement Element { get; init; }

    /// <summary>What raw values are divided by before they are normalised: 255 for bytes of pixels, else 1.</summary>
    public float Divisor { get; init; } = 1;

    /// <summary>What the divided values go through last; null where they are taken as they are.</summary>
    public Normalization? Normalization { get; init; }

    /// <summary>The number of classes.</summary>
    public int Classes => ClassNames.Count;

    /// <summary>The same, for a network that begins with an embedding.</summary>
    public DataContract OfTokens() => this with { Element = SampleElement.Token, Normalization = null };

    /// <summary>The values of one raw sample as the network takes them, in place.</summary>
    public void Prepare(Span<float> sample)
    {
        if (Divisor != 1)
        {
            foreach (ref float value in sample)
                value /= Divisor;
        }

        Normalization?.Apply(sample);
    }

    /// <summary>In which way another contract differs, in words; null where it does not.</summary>
    public string? DifferenceFrom(DataContract other)
    {
        if (SampleShape != other.SampleShape)
            return $"samples of {SampleShape}, not {other.SampleShape}";
        if (!ClassNames.SequenceEqual(other.ClassNames))
            return "other classes, or in another order";
        if (!(FeatureNames ?? []).SequenceEqual(other.FeatureNames ?? []))
            return "other columns, or in another order";
        if (Element != other.Element)
            return Element == SampleElement.Token ? "tokens, not measured numbers" : "measured numbers, not tokens";
        return Divisor != other.Divisor || !Equals(Normalization, other.Normalization) ? "another normalisation" : null;
    }

    public bool Equals(DataContract? other) => other is not null && DifferenceFrom(other) is null;

    public override int GetHashCode() => HashCode.Combine(SampleShape, Classes, Element, Divisor);

    /// <summary>The contract as one JSON text.</summary>
    public override string ToString() => DataContractText.Write(this);
}
