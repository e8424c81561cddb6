namespace EdgeSplit.Tests.Torch;

/// <summary>Tests that use libtorch run one after the other: its live tensors are counted per process.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TorchCollection
{
    public const string Name = "libtorch";
}
