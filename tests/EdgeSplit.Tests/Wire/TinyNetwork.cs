using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Models.Files;
using EdgeSplit.Numerics;

namespace EdgeSplit.Tests.Wire;

/// <summary>A network of three blocks whose weights, buffers and counters a test can send many times.</summary>
internal static class TinyNetwork
{
    public const int Cut = 2;
    public const int Batch = 4;

    public const string Text = """
        name: tiny
        input: 1x4x4
        classes: 3
        blocks:
          - name: stem
            layers:
              - {kind: conv2d, out-channels: 2, kernel: 3}
              - batch-norm
              - relu
          - name: middle
            layers:
              - flatten
              - {kind: linear, out-features: 6, name: middle}
          - name: head
            layers:
              - {kind: linear, out-features: classes, name: head}
        """;

    public static Network Network { get; } = new(ModelFile.Parse(Text, "tiny.yaml"));

    /// <summary>Weights of blocks 1..cut, any bits but the same for the same key.</summary>
    public static Weights WeightsOf(int cut, ulong key)
    {
        Weights weights = new();
        foreach (NetworkBlock block in Network.Segment(1, cut))
        {
            foreach (ParameterSpec parameter in block.Parameters)
                weights.Add(parameter.Name, TensorOf(parameter.ElementType, parameter.Shape, key + (ulong)weights.Count));
        }

        return weights;
    }

    /// <summary>Smashed data at the cut, or its gradient.</summary>
    public static HostTensor SmashedOf(int cut, int samples, ulong key) =>
        TensorOf(ElementType.Float32, Network.Blocks[cut - 1].OutputShape.Prepend(samples), key);

    public static HostTensor TensorOf(ElementType type, Shape shape, ulong key)
    {
        HostTensor tensor = HostTensor.Rent(type, shape);
        SeededRandom random = new(key);
        foreach (ref byte one in tensor.Bytes)
            one = (byte)random.NextBits();
        return tensor;
    }

    public static bool IsReturned(HostTensor tensor)
    {
        try
        {
            return tensor.Memory.IsEmpty && tensor.ByteCount > 0;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }
}
