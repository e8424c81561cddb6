using System.Globalization;
using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Numerics;
using EdgeSplit.Torch;

namespace EdgeSplit.Benchmarks;

/// <summary>
/// Networked ÷ in-process training samples/s, pair by pair in one run: a server and a device in processes of their own against both in
/// one, on the same cores. And what the network costs: both processes' CPU time beyond that of training in one process, over the bytes
/// that crossed. Smashed data or gradients cross twice a step, with nothing to do meanwhile, since one waits for the other.
/// </summary>
internal static class NetworkBenchmark
{
    private const double CpuSecondsPerGigabyte = 1.5;

    private static readonly Case[] Cases =
    [
        // The fattest cut of all.
        new("vgg11", 32, network => network.Blocks[..^1].MaxBy(block => block.OutputBytes)!.Number, Steps: 12, Pairs: 9, Goal: 0.92),
        // The stem is block 1, the first residual block block 2.
        new("resnet18", 128, _ => 2, Steps: 3, Pairs: 7, Goal: 0.98),
    ];

    /// <summary>One core for one thread; all of them for as many.</summary>
    private static readonly int[] CoreCounts = [1, 2];

    /// <param name="only">One network's name, or null for all.</param>
    public static async Task RunAsync(string? only)
    {
        TorchEngine engine = new("cpu");
        Console.WriteLine($"{engine.Description}; server and device over loopback TCP, one lane each; median of pairs [least, most]");
        foreach (int cores in CoreCounts)
        {
            foreach (Case one in Cases.Where(one => only is null || one.Model == only))
            {
                await using ComputeLanes lanes = new(engine, count: 1, threadsPerLane: cores);
                await ReportAsync(one, cores, lanes).ConfigureAwait(false);
            }
        }
    }

    private static async Task ReportAsync(Case one, int cores, ComputeLanes lanes)
    {
        Network network = new(ModelZoo.Create(one.Model, new Shape(3, 32, 32), 10));
        int cut = one.CutOf(network);
        await using NetworkBenchFleet fleet = await NetworkBenchFleet.StartAsync(ExperimentOf(one, cut, cores), lanes).ConfigureAwait(false);
        fleet.HoldTo(cores);
        await fleet.TrainInProcessAsync().ConfigureAwait(false);
        await fleet.TrainOverNetworkAsync().ConfigureAwait(false);

        NetworkBenchRun[] inProcess = new NetworkBenchRun[one.Pairs], networked = new NetworkBenchRun[one.Pairs];
        for (int pair = 0; pair < one.Pairs; pair++)
        {
            // Who goes first alternates, so that a drift of the machine's speed favours neither.
            if (pair % 2 == 0)
                networked[pair] = await fleet.TrainOverNetworkAsync().ConfigureAwait(false);
            inProcess[pair] = await fleet.TrainInProcessAsync().ConfigureAwait(false);
            if (pair % 2 == 1)
                networked[pair] = await fleet.TrainOverNetworkAsync().ConfigureAwait(false);
        }

        Spread ratio = Spread.Of(networked.Zip(inProcess, (over, within) => over.SamplesPerSecond / within.SamplesPerSecond));
        Spread cpu = Spread.Of(networked.Zip(inProcess, (over, within) => (over.CpuSeconds - within.CpuSeconds) / over.Gigabytes));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{one.Model,-8} batch {one.Batch}, cut {cut}/{network.Length} ({network.Blocks[cut - 1].Name}), {cores} thread(s) on {cores} core(s): "
            + $"{Spread.Of(networked.Select(run => run.SamplesPerSecond)).Median:0.0} / {Spread.Of(inProcess.Select(run => run.SamplesPerSecond)).Median:0.0} samples/s = "
            + $"{ratio} {(ratio.Median >= one.Goal ? "meets" : "MISSES")} {one.Goal:0.00}; "
            + $"{networked[0].Gigabytes:0.00} GB a round at {cpu} CPU-s/GB, both ends {(cpu.Median <= CpuSecondsPerGigabyte ? "meets" : "MISSES")} {CpuSecondsPerGigabyte}"));
        Console.WriteLine("  pairs: " + string.Join(' ', networked.Zip(inProcess, (over, within) =>
            string.Create(CultureInfo.InvariantCulture, $"{over.SamplesPerSecond:0.0}/{within.SamplesPerSecond:0.0}"))));
    }

    private static string ExperimentOf(Case one, int cut, int threads) => string.Create(CultureInfo.InvariantCulture, $$"""
        name: {{one.Model}}
        model: {{one.Model}}
        data: { source: synthetic, shape: 3x32x32, classes: 10, trainSamples: {{one.Batch * one.Steps}}, testSamples: 10 }
        training: { rounds: 1, localSteps: {{one.Steps}}, batch: {{one.Batch}}, optimizer: { kind: sgd, momentum: 0.9 }, learningRate: 0.001 }
        compute: { lanes: 1, threadsPerLane: {{threads}} }
        fleet: { devices: [{ name: device, cut: {{cut}} }] }
        """);

    /// <param name="Model">In the zoo.</param>
    /// <param name="Batch">Samples.</param>
    /// <param name="CutOf">Where the network is cut.</param>
    /// <param name="Steps">Of a round.</param>
    /// <param name="Pairs">Of rounds.</param>
    /// <param name="Goal">The least median ratio.</param>
    private sealed record Case(string Model, int Batch, Func<Network, int> CutOf, int Steps, int Pairs, double Goal);

    private sealed record Spread(double Median, double Least, double Most)
    {
        public static Spread Of(IEnumerable<double> values)
        {
            double[] sorted = [.. values.Order()];
            return new Spread(sorted[sorted.Length / 2], sorted[0], sorted[^1]);
        }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Median:0.000} [{Least:0.000}, {Most:0.000}]");
    }
}
