using EdgeSplit.Models.Layers;

namespace EdgeSplit.Models.Zoo;

/// <summary>Layers that start as torchvision's networks have them.</summary>
internal static class TorchvisionLayers
{
    /// <summary>
    /// A convolution with Kaiming normal weights (He et al. 2015): standard deviation √(2 / (out·k²)). As in torch, fan-out
    /// does not count groups. A bias starts at 0.
    /// </summary>
    public static Conv2d Convolution(
        string name, int inChannels, int outChannels, int kernel, int stride = 1, int groups = 1, bool bias = false) =>
        new(inChannels, outChannels, kernel)
        {
            Name = name,
            Stride = stride,
            Padding = kernel / 2,
            Groups = groups,
            Bias = bias,
            WeightInitialization = new Initialization.Normal(Math.Sqrt(2.0 / ((double)outChannels * kernel * kernel))),
            BiasInitialization = bias ? new Initialization.Constant(0) : null,
        };

    /// <summary>A linear layer with normal weights of standard deviation 0.01 and a bias of 0.</summary>
    public static Linear Classifier(string name, int inFeatures, int outFeatures) => new(inFeatures, outFeatures)
    {
        Name = name,
        WeightInitialization = new Initialization.Normal(0.01),
        BiasInitialization = new Initialization.Constant(0),
    };

    public static BatchNorm2d Normalisation(string name, int channels) => new(channels) { Name = name };

    public static Activation ReLU() => new(ActivationFunction.ReLU);

    public static Activation ReLU6() => new(ActivationFunction.ReLU6);
}
