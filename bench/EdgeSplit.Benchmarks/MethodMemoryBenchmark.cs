using System.Globalization;
using EdgeSplit.Compute;
using EdgeSplit.Numerics;
using EdgeSplit.Torch;
using EdgeSplit.Training;

namespace EdgeSplit.Benchmarks;

/// <summary>
/// Peak memory of 1,000 in-process devices over that of 100, for every method: lenet5, 3 rounds of 1 step, each in a process of
/// its own. It may grow as the devices at work do, and no faster.
/// </summary>
internal static class MethodMemoryBenchmark
{
    private const int Few = 100;
    private const int Many = 1000;
    private const int Lanes = 2;
    private const int Cut = 2;

    /// <summary>What a thousand names, links to come and sample lists may add where no more devices are at work.</summary>
    private const double Bookkeeping = 1.1;

    public static async Task RunAsync(string[] child)
    {
        if (child is [string name, string devices])
        {
            await TrainAsync(Enum.Parse<Method>(name), int.Parse(devices, CultureInfo.InvariantCulture)).ConfigureAwait(false);
            return;
        }

        foreach (Method method in Enum.GetValues<Method>().Where(method => method != Method.Centralized))
        {
            double few = await PeakAsync(method, Few).ConfigureAwait(false);
            double many = await PeakAsync(method, Many).ConfigureAwait(false);
            int fewAtWork = AtWork(method, Few), manyAtWork = AtWork(method, Many);
            double growth = many / few, allowed = Math.Max(Bookkeeping, (double)manyAtWork / fewAtWork);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{method,-10} peak {few,4:0} MiB with {Few} devices ({fewAtWork} at work), {many,4:0} MiB with {Many} ({manyAtWork} at work): {growth:0.00} times; {(growth <= allowed ? "meets" : "MISSES")} <= {allowed:0.0}"));
        }
    }

    private static int AtWork(Method method, int devices) => method switch
    {
        Method.Psl or Method.SplitFedV2 => devices,
        Method.Split => 1,
        _ => Lanes + 1,
    };

    private static async Task TrainAsync(Method method, int devices)
    {
        await using ComputeLanes lanes = new(new TorchEngine(), Lanes);
        BenchFleet fleet = await BenchFleet.CreateAsync(lanes, "lenet5", new Shape(1, 28, 28), batch: 8, steps: Many).ConfigureAwait(false);
        await fleet.TrainAsync(devices, method == Method.FedAvg ? fleet.Network.Length : Cut, steps: 1, rounds: 3, method).ConfigureAwait(false);
        MemoryBenchmark.PrintPeak();
    }

    private static Task<double> PeakAsync(Method method, int devices) =>
        MemoryBenchmark.PeakOfChildAsync("methods", method.ToString(), devices.ToString(CultureInfo.InvariantCulture));
}
