using EdgeSplit.Numerics;

namespace EdgeSplit.Data;

/// <summary>One mini-batch.</summary>
/// <param name="Inputs">float32 [batch, ...sample]; disposed with the batch.</param>
/// <param name="Labels">The class of each sample.</param>
public sealed record Batch(HostTensor Inputs, int[] Labels) : IDisposable
{
    public int Count => Labels.Length;

    public void Dispose() => Inputs.Dispose();
}
