using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Models.Layers;
using EdgeSplit.Numerics;
using TorchSharp;

namespace EdgeSplit.Tests.Torch;

public class OptimizerTests
{
    private const double Rate = 0.05;

    public static TheoryData<OptimizerSpec> Specs { get; } =
    [
        new OptimizerSpec.Sgd(),
        new OptimizerSpec.Sgd { WeightDecay = 0.01 },
        new OptimizerSpec.Sgd(0.9) { WeightDecay = 0.01 },
        new OptimizerSpec.Sgd(0.9, Nesterov: true) { WeightDecay = 0.01 },
        new OptimizerSpec.Adam(),
        new OptimizerSpec.Adam(0.8, 0.99, 1e-6) { WeightDecay = 0.01 },
        new OptimizerSpec.Adam(Decoupled: true) { WeightDecay = 0.1 },
    ];

    [Theory]
    [MemberData(nameof(Specs))]
    public void Steps_are_bitwise_those_of_torch_optim(OptimizerSpec spec)
    {
        Network network = TorchLane.NetworkOf(new Shape(6), 3, new Block("only", new Linear(6, 3) { Name = "linear" }));
        using Weights weights = WeightInitializer.Initialize(network, 1);
        using ISegment segment = TorchLane.Engine().Build(new SegmentSpec(network, 1, 1, spec), weights);
        using DisposeScope scope = torch.NewDisposeScope();
        TorchSharp.Modules.Linear reference = torch.nn.Linear(6, 3);
        Copy(weights["linear.weight"], reference.weight!);
        Copy(weights["linear.bias"], reference.bias!);
        torch.optim.Optimizer optimizer = Reference(spec, reference);

        for (int step = 0; step < 5; step++)
        {
            HostTensor input = TorchLane.Random(new Shape(4, 6), (ulong)step);
            int[] labels = TorchLane.Labels(4, 3, (ulong)step);
            LossOutcome outcome = segment.ForwardBackward(input, labels, default);
            segment.Step(Rate);

            optimizer.zero_grad();
            torch.Tensor batch = torch.tensor(input.As<float>().ToArray(), 4, 6);
            torch.Tensor loss = torch.nn.functional.cross_entropy(reference.forward(batch), torch.tensor(labels).to(torch.int64));
            loss.backward();
            optimizer.step();
            Assert.Equal(loss.item<float>(), (float)outcome.Loss);
        }

        using Weights after = segment.Save();
        Assert.Equal(reference.weight!.bytes.ToArray(), after["linear.weight"].Bytes.ToArray());
        Assert.Equal(reference.bias!.bytes.ToArray(), after["linear.bias"].Bytes.ToArray());
        Assert.NotEqual(weights["linear.weight"].Bytes.ToArray(), after["linear.weight"].Bytes.ToArray());
    }

    private static torch.optim.Optimizer Reference(OptimizerSpec spec, torch.nn.Module model) => spec switch
    {
        OptimizerSpec.Sgd sgd => torch.optim.SGD(
            model.parameters(), Rate, sgd.Momentum, weight_decay: sgd.WeightDecay, nesterov: sgd.Nesterov),
        OptimizerSpec.Adam { Decoupled: true } adam => torch.optim.AdamW(
            model.parameters(), Rate, adam.Beta1, adam.Beta2, adam.Epsilon, adam.WeightDecay),
        OptimizerSpec.Adam adam => torch.optim.Adam(
            model.parameters(), Rate, adam.Beta1, adam.Beta2, adam.Epsilon, adam.WeightDecay),
        _ => throw new ArgumentOutOfRangeException(nameof(spec)),
    };

    private static void Copy(HostTensor source, torch.Tensor target) => source.Bytes.CopyTo(target.bytes);
}
