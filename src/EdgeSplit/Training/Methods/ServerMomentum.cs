using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Numerics;

namespace EdgeSplit.Training.Methods;

/// <summary>
/// FedAvgM (Hsu, Qi &amp; Brown 2019, arXiv:1909.06335): momentum of the global model. With w the weights before the round and m the
/// mean it came to, v ← βv + (w − m) and the next weights are w − v; v is zero before the first round.
/// </summary>
internal static class ServerMomentum
{
    /// <summary>Moves the mean of a round to where momentum takes it. Buffers, such as running statistics, stay the mean's.</summary>
    /// <param name="network">The whole network.</param>
    /// <param name="beta">In (0, 1).</param>
    /// <param name="before">The weights before the round.</param>
    /// <param name="mean">What the round came to; overwritten by the next weights.</param>
    /// <param name="velocity">v of the round before, overwritten by the next; null before the first round.</param>
    /// <returns>v.</returns>
    public static Weights Move(Network network, double beta, Weights before, Weights mean, Weights? velocity)
    {
        velocity ??= Zeros(network);
        foreach ((string name, HostTensor tensor) in velocity)
        {
            Span<float> v = tensor.As<float>(), next = mean[name].As<float>();
            ReadOnlySpan<float> w = before[name].As<float>();
            for (int element = 0; element < v.Length; element++)
            {
                // Rounded before it is used: a run that goes on from a v that was kept comes to the same bits.
                v[element] = (float)((beta * v[element]) + ((double)w[element] - next[element]));
                next[element] = (float)((double)w[element] - v[element]);
            }
        }

        return velocity;
    }

    private static Weights Zeros(Network network)
    {
        Weights zeros = new();
        foreach (ParameterSpec parameter in network.Parameters.Where(parameter => parameter.Role == ParameterRole.Trainable))
            zeros.Add(parameter.Name, HostTensor.Zeros(parameter.ElementType, parameter.Shape));
        return zeros;
    }
}
