using EdgeSplit.Models;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Numerics;

namespace EdgeSplit.Benchmarks;

/// <summary>A network of the zoo for images of 3x32x32, cut once: what the benchmarks of the wire and of training over it have in common.</summary>
internal sealed class BenchCut
{
    private BenchCut(string model, int batch, Func<Network, int> cutOf)
    {
        Batch = batch;
        Network = new Network(ModelZoo.Create(model, new Shape(3, 32, 32), 10));
        Cut = cutOf(Network);
    }

    /// <summary>At its fattest cut.</summary>
    public static BenchCut Vgg11 { get; } = new("vgg11", 32, network => network.Blocks[..^1].MaxBy(block => block.OutputBytes)!.Number);

    /// <summary>After its first residual block: the stem is block 1, that is block 2.</summary>
    public static BenchCut Resnet18 { get; } = new("resnet18", 128, _ => 2);

    public string Model => Network.Spec.Name;

    public Network Network { get; }

    /// <summary>The device's blocks.</summary>
    public int Cut { get; }

    /// <summary>Samples.</summary>
    public int Batch { get; }

    /// <summary>Of a mini-batch.</summary>
    public Shape SmashedShape => Network.Blocks[Cut - 1].OutputShape.Prepend(Batch);

    public override string ToString() => $"{Model} batch {Batch}, cut {Cut}/{Network.Length} ({Network.Blocks[Cut - 1].Name})";
}
