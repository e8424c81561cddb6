using EdgeSplit.Models.Layers;

namespace EdgeSplit.Models.Zoo;

/// <summary>Two hidden layers of 200 units: the 2NN of McMahan et al. 2017 (arXiv:1602.05629). Takes any input.</summary>
internal static class Mlp
{
    private const int Hidden = 200;

    public static void Build(BlockList blocks)
    {
        int features = checked((int)blocks.Input.ElementCount);
        blocks.Add("fc1", new Flatten(), new Linear(features, Hidden) { Name = "fc1" }, new Activation(ActivationFunction.ReLU));
        blocks.Add("fc2", new Linear(Hidden, Hidden) { Name = "fc2" }, new Activation(ActivationFunction.ReLU));
        blocks.Add("fc3", [.. blocks.DropoutOr(), new Linear(Hidden, blocks.Classes) { Name = "fc3" }]);
    }
}
