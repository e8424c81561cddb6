using System.Collections.Immutable;
using System.Globalization;

namespace EdgeSplit.Numerics;

/// <summary>The extent of each axis of a tensor, outermost first; row-major. Equal by value.</summary>
public readonly struct Shape : IEquatable<Shape>
{
    private readonly ImmutableArray<int> dimensions;

    public Shape(params ReadOnlySpan<int> dimensions)
    {
        foreach (int dimension in dimensions)
            ArgumentOutOfRangeException.ThrowIfNegative(dimension, nameof(dimensions));
        this.dimensions = [.. dimensions];
    }

    /// <summary>The extents, outermost first; empty for a scalar.</summary>
    public ImmutableArray<int> Dimensions => dimensions.IsDefault ? [] : dimensions;

    public int Rank => Dimensions.Length;

    public int this[int axis] => Dimensions[axis];

    public int this[Index axis] => Dimensions[axis];

    /// <summary>The product of all extents; 1 for a scalar.</summary>
    public long ElementCount
    {
        get
        {
            long count = 1;
            foreach (int dimension in Dimensions)
                count = checked(count * dimension);
            return count;
        }
    }

    /// <summary>This shape with a leading axis of <paramref name="extent"/>: a batch of samples of this shape.</summary>
    public Shape Prepend(int extent) => new([extent, .. Dimensions]);

    /// <summary>This shape without its leading axis: one sample of a batch.</summary>
    public Shape WithoutLeading() => new(Dimensions.AsSpan()[1..]);

    /// <summary>Reads <c>3x32x32</c>; every extent must be a positive whole number.</summary>
    public static bool TryParse(string? text, out Shape shape)
    {
        shape = default;
        if (string.IsNullOrWhiteSpace(text))
            return false;
        string[] parts = text.Split('x', 'X');
        int[] extents = new int[parts.Length];
        for (int axis = 0; axis < parts.Length; axis++)
        {
            if (!int.TryParse(parts[axis], NumberStyles.None, CultureInfo.InvariantCulture, out extents[axis]) || extents[axis] < 1)
                return false;
        }

        shape = new Shape(extents);
        return true;
    }

    public bool Equals(Shape other) => Dimensions.AsSpan().SequenceEqual(other.Dimensions.AsSpan());

    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (int dimension in Dimensions)
            hash.Add(dimension);
        return hash.ToHashCode();
    }

    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <summary><c>3x32x32</c>; <c>scalar</c> for rank 0.</summary>
    public override string ToString() => Rank == 0 ? "scalar" : string.Join('x', Dimensions);
}
