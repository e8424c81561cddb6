using System.Collections.Immutable;
using EdgeSplit.Models;

namespace EdgeSplit.Planning.Costs;

/// <summary>
/// A kind of machine with the rate at which it might train, for where nothing was measured. Everything from it is an estimate:
/// a rate is one number, and real blocks run at many.
/// </summary>
/// <param name="Name">How the fleet names it.</param>
/// <param name="FlopsPerSecond">The effective float32 rate.</param>
/// <param name="Source">Where the rate comes from.</param>
public sealed record DeviceClass(string Name, double FlopsPerSecond, string Source)
{
    /// <summary>Operations of one optimizer step for each parameter: momentum, decay and update.</summary>
    private const double StepFlopsPerParameter = 6;

    /// <summary>What training is assumed to reach of a GPU's float32 peak.</summary>
    private const double ShareOfPeak = 0.3;

    private const string Hpl = "HPL in float64, measured (github.com/geerlingguy/top500-benchmark); float32 training is taken to reach as much: ";

    private const string Peak = "30 % of the float32 peak by NVIDIA's data sheet: ";

    /// <summary>Every class, from slow to fast.</summary>
    public static ImmutableArray<DeviceClass> All { get; } =
    [
        new("milk-v-mars", 2.06e9, Hpl + "Milk-V Mars, JH7110, 4 RISC-V cores"),
        new("orange-pi-cm4", 5.604e9, Hpl + "Orange Pi CM4, RK3566, 4 Cortex-A55"),
        new("raspberry-pi-4", 11.889e9, Hpl + "Raspberry Pi 4, 1.8 GHz"),
        new("raspberry-pi-5", 30.249e9, Hpl + "Raspberry Pi 5, 2.4 GHz"),
        new("phone", 53.333e9, Hpl + "RK3588S (4 Cortex-A76, 4 Cortex-A55, a phone's cores of 2020)"),
        new("jetson-nano", ShareOfPeak * 2 * 128 * 0.921e9, Peak + "128 CUDA cores, 921 MHz"),
        new("laptop", 104.68e9, Hpl + "M2 MacBook Air, in Docker"),
        new("jetson-orin-nano", ShareOfPeak * 2 * 1024 * 0.625e9, Peak + "8 GB module, 1024 CUDA cores, 625 MHz"),
        new("server", 655.90e9, Hpl + "Ampere Altra Q64-22, 64 cores"),
    ];

    /// <exception cref="InvalidInputException">There is no such class.</exception>
    public static DeviceClass Parse(string name, string where) => All.FirstOrDefault(known => known.Name == name)
        ?? throw new InvalidInputException(
            where, $"there is no device class '{name}'", $"choose one of {string.Join(", ", All.Select(known => known.Name))}, or give a profile");

    /// <summary>A network's profile at this rate: FLOPs over FLOPs per second.</summary>
    public Profile Estimate(Network network, int batchSize) => new(
        network.Spec.Name, Name, IsEstimate: true, batchSize, [.. network.Blocks.Select(block => new BlockCost(
            block.Name, block.ForwardFlops * (double)batchSize / FlopsPerSecond, block.BackwardFlops * (double)batchSize / FlopsPerSecond,
            block.ParameterBytes / sizeof(float) * StepFlopsPerParameter / FlopsPerSecond))]);
}
