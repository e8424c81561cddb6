using System.Text;
using EdgeSplit.Models;
using EdgeSplit.Numerics;

namespace EdgeSplit.Compute;

/// <summary>A network's weights before training. Each parameter has a random stream of its own, keyed by its name.</summary>
public static class WeightInitializer
{
    private const ulong Purpose = 0x696E6974; // "init"

    public static Weights Initialize(Network network, ulong seed)
    {
        Weights weights = new();
        foreach (ParameterSpec parameter in network.Parameters)
        {
            HostTensor tensor = HostTensor.Zeros(parameter.ElementType, parameter.Shape);
            if (parameter.ElementType == ElementType.Float32)
                Fill(tensor.As<float>(), parameter.Initialization, new SeededRandom(seed, Purpose, HashOf(parameter.Name)));
            weights.Add(parameter.Name, tensor);
        }

        return weights;
    }

    private static void Fill(Span<float> values, Initialization initialization, SeededRandom random)
    {
        switch (initialization)
        {
            case Initialization.Constant constant:
                values.Fill((float)constant.Value);
                break;
            case Initialization.Uniform uniform:
                foreach (ref float value in values)
                    value = (float)(((2 * random.NextDouble()) - 1) * uniform.Bound);
                break;
            case Initialization.Normal normal:
                foreach (ref float value in values)
                    value = (float)(random.NextGaussian() * normal.StandardDeviation);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(initialization), initialization, null);
        }
    }

    /// <summary>FNV-1a of the name's UTF-8 bytes.</summary>
    private static ulong HashOf(string name)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (byte value in Encoding.UTF8.GetBytes(name))
            hash = (hash ^ value) * 0x100000001B3;
        return hash;
    }
}
