using System.Runtime.InteropServices;
using EdgeSplit.Compute;
using EdgeSplit.Numerics;
using TorchSharp;

namespace EdgeSplit.Torch.Interpreting;

internal static class MaskTensor
{
    /// <summary>A dropout mask of the shape, type and device of <paramref name="input"/>.</summary>
    public static torch.Tensor Create(torch.Tensor input, double probability, StepKey key, int block, int layer)
    {
        torch.Tensor mask = torch.empty(input.shape, dtype: torch.ScalarType.Float32);
        DropoutMask.Fill(MemoryMarshal.Cast<byte, float>(mask.bytes), probability, key, block, layer);
        if (input.dtype == torch.ScalarType.Float32 && input.device_type == DeviceType.CPU)
            return mask;
        using (mask)
            return mask.to(input.dtype, input.device);
    }
}
