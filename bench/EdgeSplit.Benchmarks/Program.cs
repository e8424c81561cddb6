using System.Globalization;
using EdgeSplit.Benchmarks;

// Every benchmark prints ratios measured side by side in one run: absolute times on a shared machine do not compare.
switch (args.FirstOrDefault())
{
    case "training":
        await TrainingBenchmark.RunAsync(args.ElementAtOrDefault(1)).ConfigureAwait(false);
        return 0;
    case "memory":
        if (args.ElementAtOrDefault(1) == "methods")
            await MethodMemoryBenchmark.RunAsync(args[2..]).ConfigureAwait(false);
        else
            await MemoryBenchmark.RunAsync(args.ElementAtOrDefault(1)).ConfigureAwait(false);
        return 0;
    case "profile":
        await ProfileBenchmark.RunAsync().ConfigureAwait(false);
        return 0;
    case "planning":
        PlanningBenchmark.Run();
        return 0;
    case "wire":
        await WireBenchmark.RunAsync().ConfigureAwait(false);
        return 0;
    case "network" when PairsOf(args.ElementAtOrDefault(2)) is { } pairs:
        await NetworkBenchmark.RunAsync(args.ElementAtOrDefault(1), pairs).ConfigureAwait(false);
        return 0;
    default:
        Console.Error.WriteLine("usage: EdgeSplit.Benchmarks training [lenet5|vgg11|resnet18] | memory [methods] | profile | planning | wire | network [vgg11|resnet18 [PAIRS]]");
        return 2;
}

static int? PairsOf(string? text) =>
    text is null ? 41 : int.TryParse(text, CultureInfo.InvariantCulture, out int pairs) && pairs > 0 ? pairs : null;
