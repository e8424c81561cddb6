using EdgeSplit.Models.Layers;

namespace EdgeSplit.Models.Zoo;

/// <summary>LeNet-5 (LeCun et al. 1998) with ReLU and max-pooling for its sigmoids and sub-sampling.</summary>
internal static class LeNet5
{
    public static void Build(BlockList blocks)
    {
        blocks.Add("conv1", new Conv2d(blocks.Channels, 6, 5) { Name = "conv1", Padding = 2 }, ReLU(), new MaxPool2d(2));
        blocks.Add("conv2", new Conv2d(6, 16, 5) { Name = "conv2" }, ReLU(), new MaxPool2d(2), new Flatten());
        blocks.Add("fc1", new Linear(blocks.Channels, 120) { Name = "fc1" }, ReLU());
        blocks.Add("fc2", new Linear(120, 84) { Name = "fc2" }, ReLU());
        blocks.Add("fc3", [.. blocks.DropoutOr(), new Linear(84, blocks.Classes) { Name = "fc3" }]);
    }

    private static Activation ReLU() => new(ActivationFunction.ReLU);
}
