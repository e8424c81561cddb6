using EdgeSplit.Numerics;
using Wired = EdgeSplit.Wire.Protocol.ElementType;

namespace EdgeSplit.Wire;

/// <summary>What one tensor of a payload is on the wire.</summary>
/// <param name="ElementType">The type of its elements there.</param>
/// <param name="Shape">Its shape.</param>
internal readonly record struct TensorLayout(ElementType ElementType, Shape Shape)
{
    /// <summary>Bytes on the wire.</summary>
    public long Bytes => Shape.ElementCount * ElementType.Size();

    /// <summary>As a header says it.</summary>
    public Protocol.Tensor ToHeader()
    {
        Protocol.Tensor tensor = new() { Type = ToWire(ElementType) };
        foreach (int extent in Shape.Dimensions)
            tensor.Shape.Add((uint)extent);
        return tensor;
    }

    /// <summary>Whether a header says just this.</summary>
    public bool Is(Protocol.Tensor tensor)
    {
        if (tensor.Type != ToWire(ElementType) || tensor.Shape.Count != Shape.Rank)
            return false;
        for (int axis = 0; axis < Shape.Rank; axis++)
        {
            if (tensor.Shape[axis] != (uint)Shape[axis])
                return false;
        }

        return true;
    }

    public override string ToString() => $"{ElementType} of shape {Shape}";

    /// <summary>What a header says, for people.</summary>
    public static string Describe(Protocol.Tensor tensor) =>
        $"{tensor.Type} of shape {(tensor.Shape.Count == 0 ? "scalar" : string.Join('x', tensor.Shape.Take(8)))}";

    /// <exception cref="NotSupportedException">No tensor of that type travels.</exception>
    public static Wired ToWire(ElementType type) => type switch
    {
        ElementType.Float32 => Wired.Float32,
        ElementType.BFloat16 => Wired.Bfloat16,
        ElementType.Float16 => Wired.Float16,
        ElementType.Int32 => Wired.Int32,
        ElementType.Int64 => Wired.Int64,
        _ => throw new NotSupportedException($"Tensors of {type} do not travel."),
    };
}
