using EdgeSplit.Numerics;

namespace EdgeSplit.Compute;

/// <summary>Tensors of other types as float32.</summary>
internal static class ElementConversion
{
    public static bool IsFloatingPoint(ElementType type) =>
        type is ElementType.Float16 or ElementType.BFloat16 or ElementType.Float32 or ElementType.Float64;

    /// <summary>
    /// A float32 tensor of the same values, rounded where float32 is narrower; the tensor itself where it is float32
    /// already, which is disposed otherwise.
    /// </summary>
    public static HostTensor ToFloat32(HostTensor tensor)
    {
        if (tensor.ElementType == ElementType.Float32)
            return tensor;
        HostTensor converted = HostTensor.Rent(ElementType.Float32, tensor.Shape);
        Convert(tensor, converted.As<float>());
        tensor.Dispose();
        return converted;
    }

    private static void Convert(HostTensor source, Span<float> target)
    {
        switch (source.ElementType)
        {
            case ElementType.Float16:
                Convert(source.As<Half>(), target, value => (float)value);
                break;
            case ElementType.BFloat16:
                // The upper half of a float32.
                Convert(source.As<ushort>(), target, value => BitConverter.UInt32BitsToSingle((uint)value << 16));
                break;
            case ElementType.Float64:
                Convert(source.As<double>(), target, value => (float)value);
                break;
            case ElementType.UInt8:
                Convert(source.As<byte>(), target, value => value);
                break;
            case ElementType.Int32:
                Convert(source.As<int>(), target, value => value);
                break;
            case ElementType.Int64:
                Convert(source.As<long>(), target, value => value);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(source), source.ElementType, null);
        }
    }

    private static void Convert<T>(ReadOnlySpan<T> source, Span<float> target, Func<T, float> convert)
    {
        for (int index = 0; index < source.Length; index++)
            target[index] = convert(source[index]);
    }
}
