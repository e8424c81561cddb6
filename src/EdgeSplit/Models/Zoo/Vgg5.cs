using EdgeSplit.Models.Layers;

namespace EdgeSplit.Models.Zoo;

/// <summary>
/// The five-layer VGG that split and federated learning is often measured on (FedAdapt, Wu et al. 2022): convolutions of
/// 32, 64 and 64 channels with batch-norm, a hidden layer of 128. Starts with torch's defaults.
/// </summary>
internal static class Vgg5
{
    public static void Build(BlockList blocks)
    {
        blocks.Add("features.0", [.. Convolution(0, blocks.Channels, 32), new MaxPool2d(2)]);
        blocks.Add("features.4", [.. Convolution(4, 32, 64), new MaxPool2d(2)]);
        blocks.Add("features.8", [.. Convolution(8, 64, 64), new Flatten()]);
        blocks.Add("classifier.0", new Linear(blocks.Channels, 128) { Name = "classifier.0" }, TorchvisionLayers.ReLU());
        blocks.Add("classifier.2", [.. blocks.DropoutOr(), new Linear(128, blocks.Classes) { Name = "classifier.2" }]);
    }

    private static Layer[] Convolution(int index, int inChannels, int outChannels) =>
    [
        new Conv2d(inChannels, outChannels, 3) { Name = $"features.{index}", Padding = 1 },
        new BatchNorm2d(outChannels) { Name = $"features.{index + 1}" },
        TorchvisionLayers.ReLU(),
    ];
}
