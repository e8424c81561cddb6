namespace EdgeSplit.Torch;

/// <summary>libtorch cannot be loaded on this machine. The message says why and what to do about it.</summary>
public sealed class TorchUnavailableException(string problem, string remedy, Exception? inner = null)
    : Exception($"libtorch cannot be loaded: {problem}; {remedy}", inner)
{
    public string Problem { get; } = problem;

    public string Remedy { get; } = remedy;
}
