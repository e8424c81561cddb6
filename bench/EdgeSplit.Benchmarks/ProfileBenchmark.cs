using System.Globalization;
using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Numerics;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Torch;
using EdgeSplit.Training;

namespace EdgeSplit.Benchmarks;

/// <summary>The sum of a profile's block times over the whole step's, measured in the same run.</summary>
internal static class ProfileBenchmark
{
    private const double Tolerance = 0.10;
    private const int Repetitions = 51;

    private static readonly (string Model, Shape Input, int Batch)[] Cases =
    [
        ("lenet5", new Shape(1, 28, 28), 64),
        ("vgg11", new Shape(3, 32, 32), 32),
        ("resnet18", new Shape(3, 32, 32), 32),
        ("mobilenetv2", new Shape(3, 32, 32), 32),
    ];

    public static async Task RunAsync()
    {
        TorchEngine engine = new();
        await using ComputeLanes lanes = new(engine, count: 1);
        foreach ((string model, Shape input, int batch) in Cases)
        {
            Network network = new(ModelZoo.Create(model, input, 10));
            Profiler profiler = new(network, new OptimizerSpec.Sgd(Momentum: 0.9), batch, engine, TimeProvider.System);
            Profile profile = await lanes.RunAsync(() => profiler.Measure("here", 1, Repetitions, CancellationToken.None)).ConfigureAwait(false);
            double ratio = profile.TotalSeconds / profile.Measurement!.WholeStepSeconds;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{model,-12} batch {batch}: sum of {network.Length} blocks / whole step = {ratio:0.000}  {(Math.Abs(ratio - 1) <= Tolerance ? "meets" : "MISSES")} 1 ± {Tolerance:0.00}; step {profile.Measurement.WholeStepSeconds * 1000:0.00} ms"));
        }
    }
}
