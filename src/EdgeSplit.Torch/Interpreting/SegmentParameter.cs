using EdgeSplit.Models;
using EdgeSplit.Numerics;
using TorchSharp;

namespace EdgeSplit.Torch.Interpreting;

/// <summary>One parameter or buffer of a segment, in libtorch's memory.</summary>
internal sealed class SegmentParameter : IDisposable
{
    private readonly torch.Tensor? value;

    public SegmentParameter(ParameterSpec spec, HostTensor initial, torch.Device device, ElementType type)
    {
        if (initial.Shape != spec.Shape)
            throw new ArgumentException($"'{spec.Name}' is {spec.Shape} in the network but {initial.Shape} in the weights.", nameof(initial));
        Spec = spec;
        if (spec.ElementType == ElementType.Int64)
        {
            Count = initial.As<long>()[0];
            return;
        }

        value = HostCopy.ToTorch(initial, type, device).DetachFromDisposeScope();
        if (spec.Role == ParameterRole.Trainable)
            value.requires_grad = true;
    }

    public ParameterSpec Spec { get; }

    /// <summary>The tensor: a leaf that asks for its gradient, if trainable.</summary>
    public torch.Tensor Value => value ?? throw new InvalidOperationException($"'{Spec.Name}' is a counter.");

    /// <summary>Of a counter (<c>num_batches_tracked</c>), which libtorch need not know of.</summary>
    public long Count { get; set; }

    /// <summary>A copy in rented host memory.</summary>
    public HostTensor Save()
    {
        if (value is not null)
            return HostCopy.ToHost(value);
        HostTensor count = HostTensor.Rent(ElementType.Int64, Spec.Shape);
        count.As<long>()[0] = Count;
        return count;
    }

    public void Dispose() => value?.Dispose();
}
