using System.Globalization;
using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Numerics;
using EdgeSplit.Torch;

namespace EdgeSplit.Benchmarks;

/// <summary>
/// Split ÷ unsplit training samples/s at several cuts, and 8 devices ÷ 1 device for the same samples: whole rounds of the
/// real round loop on one lane of one thread, the two sides of a pair taking turns.
/// </summary>
internal static class TrainingBenchmark
{
    private const int Pairs = 7;

    private static readonly (string Model, Shape Input, int Batch, int Steps, double Goal)[] Cases =
    [
        ("lenet5", new Shape(1, 28, 28), 64, 128, 0.90),
        ("vgg11", new Shape(3, 32, 32), 32, 6, 0.95),
        ("resnet18", new Shape(3, 32, 32), 32, 16, 0.95),
    ];

    /// <param name="only">One network's name, or null for all.</param>
    public static async Task RunAsync(string? only)
    {
        TorchEngine engine = new("cpu");
        await using ComputeLanes lanes = new(engine, count: 1);
        Console.WriteLine($"{engine.Description}; one lane, one thread; median of {Pairs} pairs [least, most]");
        foreach ((string model, Shape input, int batch, int steps, double goal) in Cases.Where(one => only is null || one.Model == only))
        {
            BenchFleet bench = await BenchFleet.CreateAsync(lanes, model, input, batch, steps * 8).ConfigureAwait(false);
            foreach (int cut in CutsToShow(bench.Network))
            {
                await ReportAsync(
                    $"{model,-9} batch {batch}, cut {cut}/{bench.Network.Length} ({bench.Network.Blocks[cut - 1].Name}): split / unsplit",
                    goal,
                    () => bench.TrainAsync(devices: 1, cut, steps),
                    () => bench.TrainAsync(devices: 1, bench.Network.Length, steps)).ConfigureAwait(false);
            }

            int middle = bench.Network.Length / 2;
            await ReportAsync(
                $"{model,-9} batch {batch}, cut {middle}: 8 devices / 1 device, same samples",
                0.95,
                () => bench.TrainAsync(devices: 8, middle, steps),
                () => bench.TrainAsync(devices: 1, middle, steps * 8)).ConfigureAwait(false);
        }
    }

    /// <summary>The fattest cut and the middle one.</summary>
    private static int[] CutsToShow(Network network)
    {
        int fattest = network.Blocks[..^1].MaxBy(block => block.OutputBytes)!.Number;
        return [.. new SortedSet<int> { fattest, network.Length / 2 }];
    }

    private static async Task ReportAsync(string name, double goal, Func<Task<double>> numerator, Func<Task<double>> denominator)
    {
        await numerator().ConfigureAwait(false);
        await denominator().ConfigureAwait(false);
        double[] ratios = new double[Pairs];
        double rate = 0;
        for (int pair = 0; pair < Pairs; pair++)
        {
            // Who goes first alternates, so that a drift of the machine's speed favours neither.
            double above = pair % 2 == 0 ? await numerator().ConfigureAwait(false) : 0;
            double below = await denominator().ConfigureAwait(false);
            if (pair % 2 == 1)
                above = await numerator().ConfigureAwait(false);
            ratios[pair] = above / below;
            rate = above;
        }

        Array.Sort(ratios);
        double median = ratios[Pairs / 2];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {median:0.000} [{ratios[0]:0.000}, {ratios[^1]:0.000}]  {(median >= goal ? "meets" : "MISSES")} {goal:0.00}; {rate:#,0} samples/s"));
    }
}
