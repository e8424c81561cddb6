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
    case "network" when NetworkBenchmark.Knows(args.ElementAtOrDefault(1))
        && CountOf(args.ElementAtOrDefault(2), or: 41) is { } pairs && CountOf(args.ElementAtOrDefault(3), or: 0) is { } cores:
        if (cores > 0)
            await NetworkBenchmark.RunHereAsync(args[1], pairs, cores).ConfigureAwait(false);
        else
            await NetworkBenchmark.RunAsync(args.ElementAtOrDefault(1), pairs).ConfigureAwait(false);
        return 0;
    default:
        Console.Error.WriteLine("usage: EdgeSplit.Benchmarks training [lenet5|vgg11|resnet18] | memory [methods] | profile | planning | wire | network [vgg11|resnet18 [PAIRS [CORES]]]");
        return 2;
}

static int? CountOf(string? text, int or) =>
    text is null ? or : int.TryParse(text, CultureInfo.InvariantCulture, out int count) && count > 0 ? count : null;
