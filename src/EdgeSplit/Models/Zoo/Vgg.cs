using EdgeSplit.Models.Layers;
using static EdgeSplit.Models.Zoo.TorchvisionLayers;

namespace EdgeSplit.Models.Zoo;

/// <summary>
/// VGG (Simonyan &amp; Zisserman 2015) with batch-norm, as torchvision's <c>vgg*_bn</c>. For images of up to 64 pixels a side
/// the convolutions are the same, but max-pooling rounds up (so that 28 pixels survive five of it), the rest is averaged
/// to one pixel, and the classifier is one linear layer, <c>classifier.0</c>, without dropout of its own.
/// </summary>
internal static class Vgg
{
    private const int LargestSmallImage = 64;
    private const int Hidden = 4096;

    private static readonly int[] Widths = [64, 128, 256, 512, 512];

    /// <param name="blocks">Where the blocks go.</param>
    /// <param name="depths">Convolutions before each of the five max-poolings.</param>
    public static void Build(BlockList blocks, int[] depths)
    {
        bool isSmall = Math.Min(blocks.Input[1], blocks.Input[2]) <= LargestSmallImage;
        int index = 0;
        for (int stage = 0; stage < depths.Length; stage++)
        {
            for (int depth = 1; depth <= depths[stage]; depth++)
            {
                bool endsStage = depth == depths[stage];
                blocks.Add($"features.{index}",
                [
                    Convolution($"features.{index}", blocks.Channels, Widths[stage], kernel: 3, bias: true),
                    Normalisation($"features.{index + 1}", Widths[stage]),
                    ReLU(),
                    .. endsStage ? [new MaxPool2d(2) { CeilMode = isSmall }] : Array.Empty<Layer>(),
                    .. endsStage && stage == depths.Length - 1 ? End(isSmall) : [],
                ]);
                index += endsStage ? 4 : 3;
            }
        }

        if (isSmall)
            blocks.Add("classifier.0", [.. blocks.DropoutOr(), Classifier("classifier.0", blocks.Channels, blocks.Classes)]);
        else
            AddLargeClassifier(blocks);
    }

    private static Layer[] End(bool isSmall) => [new AdaptiveAvgPool2d(isSmall ? 1 : 7), new Flatten()];

    private static void AddLargeClassifier(BlockList blocks)
    {
        blocks.Add("classifier.0", Classifier("classifier.0", blocks.Channels, Hidden), ReLU());
        blocks.Add("classifier.3", [.. blocks.DropoutOr(0.5), Classifier("classifier.3", Hidden, Hidden), ReLU()]);
        blocks.Add("classifier.6", [.. blocks.DropoutOr(0.5), Classifier("classifier.6", Hidden, blocks.Classes)]);
    }
}
