using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace EdgeSplit.Numerics;

/// <summary>
/// A contiguous, row-major tensor in host memory: what crosses a cut, a wire or a file. Engines keep their own tensors and
/// exchange only these. One owner disposes it; who receives it through a call documented as taking it is the new owner.
/// </summary>
public sealed class HostTensor : IDisposable
{
    private readonly bool pooled;
    private byte[]? buffer;

    private HostTensor(ElementType elementType, Shape shape, byte[] buffer, int byteCount, bool pooled)
    {
        ElementType = elementType;
        Shape = shape;
        ByteCount = byteCount;
        this.buffer = buffer;
        this.pooled = pooled;
    }

    public ElementType ElementType { get; }

    /// <summary>The whole shape, the batch axis included.</summary>
    public Shape Shape { get; }

    /// <summary>Bytes of all elements.</summary>
    public int ByteCount { get; }

    /// <summary>The elements' bytes, in the machine's (little-endian) order.</summary>
    public Memory<byte> Memory => (buffer ?? throw new ObjectDisposedException(nameof(HostTensor))).AsMemory(0, ByteCount);

    /// <inheritdoc cref="Memory"/>
    public Span<byte> Bytes => Memory.Span;

    /// <summary>A tensor of zeros in memory of its own; disposing it is optional.</summary>
    public static HostTensor Zeros(ElementType elementType, Shape shape)
    {
        int byteCount = ByteCountOf(elementType, shape);
        return new HostTensor(elementType, shape, new byte[byteCount], byteCount, pooled: false);
    }

    /// <summary>A tensor of unspecified content in pooled memory; dispose it, or the pool grows.</summary>
    public static HostTensor Rent(ElementType elementType, Shape shape)
    {
        int byteCount = ByteCountOf(elementType, shape);
        return new HostTensor(elementType, shape, ArrayPool<byte>.Shared.Rent(byteCount), byteCount, pooled: true);
    }

    /// <summary>A float32 tensor holding a copy of <paramref name="values"/>.</summary>
    public static HostTensor From(ReadOnlySpan<float> values, Shape shape) => From(ElementType.Float32, values, shape);

    /// <summary>A tensor holding a copy of <paramref name="values"/>, whose size must be <paramref name="elementType"/>'s.</summary>
    public static HostTensor From<T>(ElementType elementType, ReadOnlySpan<T> values, Shape shape)
        where T : unmanaged
    {
        HostTensor tensor = Zeros(elementType, shape);
        values.CopyTo(tensor.As<T>());
        return values.Length == shape.ElementCount
            ? tensor
            : throw new ArgumentException($"{values.Length} values do not fill a tensor of shape {shape}.", nameof(values));
    }

    /// <summary>The elements as <typeparamref name="T"/>, whose size must be the element type's.</summary>
    public Span<T> As<T>()
        where T : unmanaged
    {
        if (Marshal.SizeOf<T>() != ElementType.Size() && !(typeof(T) == typeof(bool) && ElementType == ElementType.Bool))
            throw new InvalidOperationException($"Elements of {ElementType} cannot be read as {typeof(T).Name}.");
        return MemoryMarshal.Cast<byte, T>(Bytes);
    }

    /// <summary>Whether no element is NaN or infinite. Float32 and float64 are looked at; other types have neither, or are not trained.</summary>
    public bool IsFinite => ElementType switch
    {
        ElementType.Float32 => !HasAllBits(As<uint>(), 0x7F80_0000u),
        ElementType.Float64 => !HasAllBits(As<ulong>(), 0x7FF0_0000_0000_0000ul),
        _ => true,
    };

    /// <summary>A copy in memory of its own.</summary>
    public HostTensor Clone()
    {
        HostTensor copy = Zeros(ElementType, Shape);
        Bytes.CopyTo(copy.Bytes);
        return copy;
    }

    public void Dispose()
    {
        byte[]? returned = Interlocked.Exchange(ref buffer, null);
        if (pooled && returned is not null)
            ArrayPool<byte>.Shared.Return(returned);
    }

    /// <summary>Whether an element has all bits of an exponent: the mark of NaN and of infinities.</summary>
    private static bool HasAllBits<T>(ReadOnlySpan<T> elements, T exponent)
        where T : unmanaged, IBinaryInteger<T>
    {
        Vector<T> mask = new(exponent);
        ReadOnlySpan<Vector<T>> vectors = MemoryMarshal.Cast<T, Vector<T>>(elements);
        foreach (Vector<T> vector in vectors)
        {
            if (Vector.EqualsAny(vector & mask, mask))
                return true;
        }

        foreach (T element in elements[(vectors.Length * Vector<T>.Count)..])
        {
            if ((element & exponent) == exponent)
                return true;
        }

        return false;
    }

    private static int ByteCountOf(ElementType elementType, Shape shape) =>
        checked((int)(shape.ElementCount * elementType.Size()));
}
