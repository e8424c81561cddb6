using System.Diagnostics;
using System.Globalization;
using EdgeSplit.Compute;
using EdgeSplit.Numerics;
using EdgeSplit.Torch;

namespace EdgeSplit.Benchmarks;

/// <summary>
/// Peak memory of 500 in-process devices over that of 5: resnet18, 2 rounds of 1 step, each fleet in a process of its own,
/// since a peak never comes down.
/// </summary>
internal static class MemoryBenchmark
{
    private const int Few = 5;
    private const int Many = 500;

    public static async Task RunAsync(string? devices)
    {
        if (devices is not null)
        {
            await TrainAsync(int.Parse(devices, CultureInfo.InvariantCulture)).ConfigureAwait(false);
            return;
        }

        double few = await PeakOfChildAsync(Few.ToString(CultureInfo.InvariantCulture)).ConfigureAwait(false);
        double many = await PeakOfChildAsync(Many.ToString(CultureInfo.InvariantCulture)).ConfigureAwait(false);
        double ratio = many / few;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"resnet18, 2 rounds of 1 step: peak {few:0} MiB with {Few} devices, {many:0} MiB with {Many}: {ratio:0.00} times; {(ratio < 2 ? "meets" : "MISSES")} < 2"));
    }

    private static async Task TrainAsync(int devices)
    {
        await using ComputeLanes lanes = new(new TorchEngine(), count: 2);
        BenchFleet fleet = await BenchFleet.CreateAsync(lanes, "resnet18", new Shape(3, 32, 32), batch: 4, steps: Many).ConfigureAwait(false);
        await fleet.TrainAsync(devices, cut: 4, steps: 1, rounds: 2).ConfigureAwait(false);
        PrintPeak();
    }

    /// <summary>This process's peak of resident memory, in MiB, for the one that started it.</summary>
    internal static void PrintPeak()
    {
        using Process self = Process.GetCurrentProcess();
        Console.WriteLine((self.PeakWorkingSet64 / 1048576.0).ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The peak that a benchmark prints in a process of its own.</summary>
    internal static async Task<double> PeakOfChildAsync(params string[] arguments)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!, ["memory", .. arguments]) { RedirectStandardOutput = true };
        using Process child = Process.Start(start)!;
        string output = await child.StandardOutput.ReadToEndAsync().ConfigureAwait(false);
        await child.WaitForExitAsync().ConfigureAwait(false);
        return double.Parse(output, CultureInfo.InvariantCulture);
    }
}
