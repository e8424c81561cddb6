using EdgeSplit.Numerics;
using TorchSharp;

namespace EdgeSplit.Torch.Interpreting;

/// <summary>A layer, ready to run on libtorch.</summary>
/// <returns>A new tensor, or <paramref name="input"/> itself where nothing is to be done.</returns>
internal delegate torch.Tensor Operation(torch.Tensor input, Pass pass);

/// <summary>What a forward pass is for.</summary>
/// <param name="Training">Batch statistics and dropout, or running statistics and none.</param>
/// <param name="Key">Which step this is; of no meaning in evaluation.</param>
internal readonly record struct Pass(bool Training, StepKey Key);
