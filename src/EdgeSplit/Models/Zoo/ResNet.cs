using EdgeSplit.Models.Layers;
using static EdgeSplit.Models.Zoo.TorchvisionLayers;

namespace EdgeSplit.Models.Zoo;

/// <summary>
/// Residual networks (He et al. 2016) as torchvision has them: the stride of a bottleneck is on its 3×3 convolution. The
/// architecture is the same at every input size.
/// </summary>
internal static class ResNet
{
    /// <param name="blocks">Where the blocks go.</param>
    /// <param name="depths">Residual blocks in each of the four stages.</param>
    /// <param name="isBottleneck">1×1, 3×3, 1×1 convolutions with four times the width out, instead of two 3×3.</param>
    public static void Build(BlockList blocks, int[] depths, bool isBottleneck)
    {
        blocks.Add(
            "conv1",
            Convolution("conv1", blocks.Channels, 64, kernel: 7, stride: 2),
            Normalisation("bn1", 64),
            ReLU(),
            new MaxPool2d(3) { Stride = 2, Padding = 1 });
        for (int stage = 0; stage < depths.Length; stage++)
        {
            int width = 64 << stage;
            for (int index = 0; index < depths[stage]; index++)
            {
                string name = $"layer{stage + 1}.{index}";
                int stride = index == 0 && stage > 0 ? 2 : 1;
                Layer[] body = isBottleneck
                    ? Bottleneck(name, blocks.Channels, width, stride)
                    : Basic(name, blocks.Channels, width, stride);
                int outChannels = isBottleneck ? 4 * width : width;
                bool isLast = stage == depths.Length - 1 && index == depths[stage] - 1;
                blocks.Add(name,
                [
                    new Residual(body, Shortcut(name, blocks.Channels, outChannels, stride)),
                    ReLU(),
                    .. isLast ? [new AdaptiveAvgPool2d(1), new Flatten()] : Array.Empty<Layer>(),
                ]);
            }
        }

        blocks.Add("fc", [.. blocks.DropoutOr(), new Linear(blocks.Channels, blocks.Classes) { Name = "fc" }]);
    }

    private static Layer[] Basic(string name, int inChannels, int width, int stride) =>
    [
        Convolution($"{name}.conv1", inChannels, width, kernel: 3, stride),
        Normalisation($"{name}.bn1", width),
        ReLU(),
        Convolution($"{name}.conv2", width, width, kernel: 3),
        Normalisation($"{name}.bn2", width),
    ];

    private static Layer[] Bottleneck(string name, int inChannels, int width, int stride) =>
    [
        Convolution($"{name}.conv1", inChannels, width, kernel: 1),
        Normalisation($"{name}.bn1", width),
        ReLU(),
        Convolution($"{name}.conv2", width, width, kernel: 3, stride),
        Normalisation($"{name}.bn2", width),
        ReLU(),
        Convolution($"{name}.conv3", width, 4 * width, kernel: 1),
        Normalisation($"{name}.bn3", 4 * width),
    ];

    private static Layer[] Shortcut(string name, int inChannels, int outChannels, int stride) =>
        stride == 1 && inChannels == outChannels
            ? []
            :
            [
                Convolution($"{name}.downsample.0", inChannels, outChannels, kernel: 1, stride),
                Normalisation($"{name}.downsample.1", outChannels),
            ];
}
