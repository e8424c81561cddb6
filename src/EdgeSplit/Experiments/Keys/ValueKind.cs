using EdgeSplit.Planning.Costs;

namespace EdgeSplit.Experiments.Keys;

/// <summary>What a key of an experiment file may hold.</summary>
internal abstract record ValueKind
{
    private ValueKind()
    {
    }

    /// <summary>One of some words.</summary>
    public sealed record Choice(params IReadOnlyList<string> Words) : ValueKind;

    /// <summary>A text of 1 to <see cref="MaximumLength"/> characters without line ends.</summary>
    /// <param name="Pattern">A regular expression it matches; null for any text.</param>
    /// <param name="Expected">What the pattern asks for, in words.</param>
    public sealed record Text(string? Pattern = null, string Expected = "a text") : ValueKind
    {
        public const int MaximumLength = 1024;
    }

    /// <summary>A whole number in [<paramref name="Minimum"/>, <paramref name="Maximum"/>].</summary>
    /// <remarks>It may be <paramref name="Word"/> instead, which reads as no number; null for none.</remarks>
    public sealed record Whole(long Minimum, long Maximum, string? Word = null) : ValueKind;

    /// <summary>A finite number between two bounds, each of them in the range unless said otherwise.</summary>
    public sealed record Number(double Minimum, double Maximum, bool OverMinimum = false, bool UnderMaximum = false) : ValueKind;

    public sealed record Flag : ValueKind;

    /// <summary>A list of 1 to <paramref name="Most"/> different names, each of at most <paramref name="LongestName"/> characters.</summary>
    public sealed record Names(int Most, int LongestName) : ValueKind;

    /// <summary>A whole number in a range, or a list of names instead of it.</summary>
    public sealed record CountOrNames(Whole Count, Names OrNames) : ValueKind;

    /// <summary>A list of 1 to <paramref name="Most"/> numbers.</summary>
    public sealed record Numbers(int Most, Number Item) : ValueKind;

    /// <summary>The shape of a sample: 3x32x32.</summary>
    public sealed record Extents : ValueKind;

    /// <summary>A number with its unit: 20 Mbps. It reads as its value in the base unit.</summary>
    public sealed record Amount(Quantity Quantity) : ValueKind;

    /// <summary>A map of keys.</summary>
    public sealed record Section(params IReadOnlyList<Key> Keys) : ValueKind
    {
        /// <summary>The key whose value alone may stand for the section; null where only a map will do.</summary>
        public string? Shorthand { get; init; }

        /// <summary>The key whose word decides which of the others apply; null where all do.</summary>
        public string? Discriminator { get; init; }

        /// <summary>Keys of which at most one may be given.</summary>
        public IReadOnlyList<string> Exclusive { get; init; } = [];

        /// <summary>Whether one of <see cref="Exclusive"/> must be.</summary>
        public bool NeedsExclusive { get; init; }

        public Key this[string name] => Keys.First(key => key.Name == name);
    }

    /// <summary>One or more maps of the same keys.</summary>
    public sealed record List(Section Item) : ValueKind;
}

/// <summary>One key of an experiment file.</summary>
/// <param name="Name">As it is written.</param>
/// <param name="Kind">What it may hold.</param>
/// <param name="Meaning">A sentence for people.</param>
internal sealed record Key(string Name, ValueKind Kind, string Meaning)
{
    /// <summary>The value if it is left out: a string, long, double or bool; null where there is none.</summary>
    public object? Default { get; init; }

    /// <summary>The default in words, where it is not one value.</summary>
    public string? DefaultInWords { get; init; }

    /// <summary>What to show where a file leaves it at its default and that is not one value.</summary>
    public string? Example { get; init; }

    /// <summary>Whether it must be given (wherever it applies).</summary>
    public bool Required { get; init; }

    /// <summary>The words of the section's discriminator with which it applies; null for all.</summary>
    public IReadOnlyList<string>? OnlyFor { get; init; }

    public bool AppliesTo(string? word) => OnlyFor is null || (word is not null && OnlyFor.Contains(word));
}
