using EdgeSplit.Models.Layers;
using static EdgeSplit.Models.Zoo.TorchvisionLayers;

namespace EdgeSplit.Models.Zoo;

/// <summary>
/// MobileNetV2 (Sandler et al. 2018) as torchvision has it, with its dropout of 0.2. The architecture is the same at every
/// input size.
/// </summary>
internal static class MobileNetV2
{
    private const int FirstWidth = 32;
    private const int LastWidth = 1280;

    /// <summary>Table 2 of the paper: expansion t, channels c, repeats n, stride s of the first.</summary>
    private static readonly (int Expansion, int Channels, int Repeats, int Stride)[] Stages =
    [
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    ];

    public static void Build(BlockList blocks)
    {
        blocks.Add("features.0", Unit("features.0", blocks.Channels, FirstWidth, kernel: 3, stride: 2));
        int index = 1;
        foreach ((int expansion, int channels, int repeats, int stride) in Stages)
        {
            for (int repeat = 0; repeat < repeats; repeat++, index++)
            {
                string name = $"features.{index}";
                blocks.Add(name, Inverted($"{name}.conv", blocks.Channels, channels, expansion, repeat == 0 ? stride : 1));
            }
        }

        blocks.Add(
            $"features.{index}",
            [.. Unit($"features.{index}", blocks.Channels, LastWidth, kernel: 1), new AdaptiveAvgPool2d(1), new Flatten()]);
        blocks.Add("classifier", [.. blocks.DropoutOr(0.2), Classifier("classifier.1", LastWidth, blocks.Classes)]);
    }

    /// <summary>Expansion, depthwise convolution and linear projection; residual where nothing changes shape.</summary>
    private static Layer[] Inverted(string name, int inChannels, int outChannels, int expansion, int stride)
    {
        int hidden = inChannels * expansion;
        int depthwise = expansion == 1 ? 0 : 1;
        Layer[] layers =
        [
            .. expansion == 1 ? [] : Unit($"{name}.0", inChannels, hidden, kernel: 1),
            .. Unit($"{name}.{depthwise}", hidden, hidden, kernel: 3, stride, groups: hidden),
            Convolution($"{name}.{depthwise + 1}", hidden, outChannels, kernel: 1),
            Normalisation($"{name}.{depthwise + 2}", outChannels),
        ];
        return stride == 1 && inChannels == outChannels ? [new Residual(layers, [])] : layers;
    }

    private static Layer[] Unit(string name, int inChannels, int outChannels, int kernel, int stride = 1, int groups = 1) =>
    [
        Convolution($"{name}.0", inChannels, outChannels, kernel, stride, groups),
        Normalisation($"{name}.1", outChannels),
        ReLU6(),
    ];
}
