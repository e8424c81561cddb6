using EdgeSplit.Numerics;
using TorchSharp;

namespace EdgeSplit.Torch;

/// <summary>Copies between host tensors and libtorch's own memory, by bytes.</summary>
internal static class HostCopy
{
    /// <summary>A new tensor on <paramref name="device"/> with the values of <paramref name="host"/> as <paramref name="type"/>.</summary>
    public static torch.Tensor ToTorch(HostTensor host, ElementType type, torch.Device device)
    {
        Span<long> extents = stackalloc long[host.Shape.Rank];
        for (int axis = 0; axis < extents.Length; axis++)
            extents[axis] = host.Shape[axis];
        torch.Tensor copy = torch.empty(extents, dtype: TypeOf(host.ElementType));
        host.Bytes.CopyTo(copy.bytes);
        if (host.ElementType == type && device.type == DeviceType.CPU)
            return copy;
        using (copy)
            return copy.to(TypeOf(type), device, copy: true);
    }

    /// <summary>A copy in rented host memory.</summary>
    public static HostTensor ToHost(torch.Tensor tensor)
    {
        using torch.Tensor contiguous = tensor.cpu().contiguous();
        ReadOnlySpan<long> extents = contiguous.shape;
        Span<int> dimensions = stackalloc int[extents.Length];
        for (int axis = 0; axis < extents.Length; axis++)
            dimensions[axis] = checked((int)extents[axis]);
        HostTensor host = HostTensor.Rent(TypeOf(contiguous.dtype), new Shape(dimensions));
        contiguous.bytes.CopyTo(host.Bytes);
        return host;
    }

    public static torch.ScalarType TypeOf(ElementType type) => type switch
    {
        ElementType.Bool => torch.ScalarType.Bool,
        ElementType.UInt8 => torch.ScalarType.Byte,
        ElementType.Int8 => torch.ScalarType.Int8,
        ElementType.Int16 => torch.ScalarType.Int16,
        ElementType.Int32 => torch.ScalarType.Int32,
        ElementType.Int64 => torch.ScalarType.Int64,
        ElementType.Float16 => torch.ScalarType.Float16,
        ElementType.BFloat16 => torch.ScalarType.BFloat16,
        ElementType.Float32 => torch.ScalarType.Float32,
        ElementType.Float64 => torch.ScalarType.Float64,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    private static ElementType TypeOf(torch.ScalarType type) => type switch
    {
        torch.ScalarType.Float32 => ElementType.Float32,
        torch.ScalarType.Float64 => ElementType.Float64,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };
}
