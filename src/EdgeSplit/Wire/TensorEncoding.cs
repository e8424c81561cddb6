using EdgeSplit.Numerics;

namespace EdgeSplit.Wire;

/// <summary>How smashed data and cut-layer gradients travel. Weights always travel as they are: every bit of them counts.</summary>
public enum TensorEncoding
{
    /// <summary>As they are.</summary>
    Float32,

    /// <summary>The upper half of a float32, rounded to nearest even: its range, 8 bits of precision.</summary>
    BFloat16,

    /// <summary>IEEE 754 binary16, rounded to nearest even: 11 bits of precision; beyond 65,504 becomes infinite.</summary>
    Float16,
}

public static class TensorEncodings
{
    /// <summary>Bytes on the wire over bytes in float32: what a planner needs to know before anything is encoded.</summary>
    public static double Ratio(this TensorEncoding encoding) => (double)encoding.ElementType().Size() / sizeof(float);

    /// <summary>As a hello and a welcome say it.</summary>
    public static Protocol.ElementType ToProtocol(this TensorEncoding encoding) => TensorLayout.ToWire(encoding.ElementType());

    /// <summary>What a hello or a welcome says; null where it is no encoding.</summary>
    public static TensorEncoding? FromProtocol(Protocol.ElementType type) => type switch
    {
        Protocol.ElementType.Float32 => TensorEncoding.Float32,
        Protocol.ElementType.Bfloat16 => TensorEncoding.BFloat16,
        Protocol.ElementType.Float16 => TensorEncoding.Float16,
        _ => null,
    };

    /// <summary>The type of the elements on the wire.</summary>
    public static ElementType ElementType(this TensorEncoding encoding) => encoding switch
    {
        TensorEncoding.Float32 => Numerics.ElementType.Float32,
        TensorEncoding.BFloat16 => Numerics.ElementType.BFloat16,
        TensorEncoding.Float16 => Numerics.ElementType.Float16,
        _ => throw new ArgumentOutOfRangeException(nameof(encoding), encoding, null),
    };
}
