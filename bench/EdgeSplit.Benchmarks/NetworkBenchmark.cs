using System.Diagnostics;
using System.Globalization;
using EdgeSplit.Compute;
using EdgeSplit.Torch;

namespace EdgeSplit.Benchmarks;

/// <summary>
/// Networked ÷ in-process training samples/s, pair by pair in one run: a server and a device in processes of their own against both in
/// one, on the same cores. Held to one core, as the arithmetic is, every byte's way takes its time from training; with another, sending
/// and receiving overlap. What a gigabyte costs is too little beside the arithmetic to be seen here: <see cref="WireBenchmark"/>.
/// </summary>
internal static class NetworkBenchmark
{
    private static readonly Case[] Cases =
    [
        new(BenchCut.Vgg11, Steps: 2, Goal: 0.92),
        new(BenchCut.Resnet18, Steps: 1, Goal: 0.98),
    ];

    /// <summary>Of both ends together.</summary>
    private static readonly int[] CoreCounts = [1, 2];

    /// <summary>Whether there is such a network here; null is all of them.</summary>
    public static bool Knows(string? model) => model is null || Cases.Any(one => one.Of.Model == model);

    /// <summary>
    /// Each number of cores in a process of its own, held to them from its start: threads that run already are not held by what is
    /// asked of their process, and the runtime looks at its cores once.
    /// </summary>
    /// <param name="only">One network's name, or null for all.</param>
    /// <param name="pairs">Of rounds, for each network and number of cores. Single pairs scatter; four times as many halve the interval.</param>
    public static async Task RunAsync(string? only, int pairs)
    {
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("Processes are held to cores on Linux only.");
        Console.WriteLine($"{new TorchEngine("cpu").Description}; server and device over loopback TCP, one lane of one thread each; median of pairs, and the interval that holds it 19 times in 20");
        foreach (int cores in CoreCounts)
        {
            foreach (Case one in Cases.Where(one => only is null || one.Of.Model == only))
                await RunHeldAsync(one.Of.Model, pairs, cores).ConfigureAwait(false);
        }
    }

    /// <summary>One network, in this process, which is held to the cores given.</summary>
    public static async Task RunHereAsync(string model, int pairs, int cores)
    {
        if (Environment.ProcessorCount != cores)
            throw new InvalidOperationException($"This process has {Environment.ProcessorCount} cores, not {cores}; start it with taskset.");
        await using ComputeLanes lanes = new(new TorchEngine("cpu"), count: 1, threadsPerLane: 1);
        await ReportAsync(Cases.Single(one => one.Of.Model == model), cores, pairs, lanes).ConfigureAwait(false);
    }

    private static async Task RunHeldAsync(string model, int pairs, int cores)
    {
        string[] command = [Environment.ProcessPath!, "network", model, .. new[] { pairs, cores }.Select(count => count.ToString(CultureInfo.InvariantCulture))];
        using Process held = Process.Start("taskset", ["--cpu-list", $"0-{cores - 1}", .. command]);
        await held.WaitForExitAsync().ConfigureAwait(false);
        if (held.ExitCode != 0)
            throw new InvalidOperationException($"The benchmark on {cores} core(s) failed.");
    }

    private static async Task ReportAsync(Case one, int cores, int pairs, ComputeLanes lanes)
    {
        await using NetworkBenchFleet fleet = await NetworkBenchFleet.StartAsync(ExperimentOf(one), lanes).ConfigureAwait(false);
        await fleet.TrainInProcessAsync().ConfigureAwait(false);
        await fleet.TrainOverNetworkAsync().ConfigureAwait(false);

        double[] inProcess = new double[pairs], networked = new double[pairs];
        for (int pair = 0; pair < pairs; pair++)
        {
            // Who goes first alternates, so that a drift of the machine's speed favours neither.
            if (pair % 2 == 0)
                networked[pair] = await fleet.TrainOverNetworkAsync().ConfigureAwait(false);
            inProcess[pair] = await fleet.TrainInProcessAsync().ConfigureAwait(false);
            if (pair % 2 == 1)
                networked[pair] = await fleet.TrainOverNetworkAsync().ConfigureAwait(false);
        }

        double[] ratios = [.. networked.Zip(inProcess, (over, within) => over / within)];
        double ratio = MedianOf(ratios);
        (double low, double high) = IntervalOf(ratios);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{one.Of}, on {cores} core(s): "
            + $"{MedianOf(networked):0.0} / {MedianOf(inProcess):0.0} samples/s; ratio {ratio:0.000} [{low:0.000}, {high:0.000}] "
            + $"of {pairs} pairs {(ratio >= one.Goal ? "meets" : "MISSES")} {one.Goal:0.00}"));
        Console.WriteLine("  pairs: " + string.Join(' ', ratios.Select(pair => pair.ToString("0.000", CultureInfo.InvariantCulture))));
    }

    private static double MedianOf(double[] values) => values.Order().ElementAt(values.Length / 2);

    /// <summary>Where the median of all pairs there could be lies with 95 %: between two order statistics, whatever their distribution.</summary>
    private static (double Low, double High) IntervalOf(double[] values)
    {
        double[] ordered = [.. values.Order()];
        int reach = (int)Math.Ceiling(0.98 * Math.Sqrt(values.Length));
        return (ordered[Math.Max(0, (values.Length / 2) - reach)], ordered[Math.Min(values.Length - 1, (values.Length / 2) + reach)]);
    }

    private static string ExperimentOf(Case one) => string.Create(CultureInfo.InvariantCulture, $$"""
        name: {{one.Of.Model}}
        model: {{one.Of.Model}}
        data: { source: synthetic, shape: 3x32x32, classes: 10, trainSamples: {{one.Of.Batch * one.Steps}}, testSamples: 10 }
        training: { rounds: 1, localSteps: {{one.Steps}}, batch: {{one.Of.Batch}}, optimizer: { kind: sgd, momentum: 0.9 }, learningRate: 0.001 }
        compute: { lanes: 1, threadsPerLane: 1 }
        fleet: { devices: [{ name: device, cut: {{one.Of.Cut}} }] }
        """);

    /// <param name="Of">What is trained.</param>
    /// <param name="Steps">Of a round.</param>
    /// <param name="Goal">The least median ratio.</param>
    private sealed record Case(BenchCut Of, int Steps, double Goal);
}
