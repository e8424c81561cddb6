using System.CommandLine;
using EdgeSplit.Cli.Progress;
using EdgeSplit.Compute;
using EdgeSplit.Experiments;
using EdgeSplit.Experiments.Comparisons;
using EdgeSplit.Reports;
using EdgeSplit.Torch;

namespace EdgeSplit.Cli.Commands;

/// <summary><c>edgesplit compare EXPERIMENT</c>: training methods side by side, in accuracy and in time.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        Argument<string> file = new("EXPERIMENT") { Description = "The experiment file (YAML), whose fleet has costs: a class or a profile a device, and the bandwidth." };
        Option<string?> methods = new("--methods")
        {
            Description = $"Which, with commas; the first is the one that the others are rivals of. [default: {string.Join(",", ComparisonRequest.TrainableMethods)}]",
            HelpName = "NAMES",
        };
        Option<int?> seeds = new("--seeds") { Description = "Train and time with so many seeds, from the experiment's own on. [default: 1]", HelpName = "N" };
        Option<double?> target = new("--target") { Description = "The test accuracy whose time is told. [default: the highest that every training reaches]", HelpName = "ACCURACY" };
        Option<int?> cut = new("--cut") { Description = "The cut of methods with one for all devices. [default: the planner's best]", HelpName = "N" };
        Option<bool> timeOnly = new("--time-only") { Description = $"Train nothing, and print what a round takes. Knows {string.Join(",", ComparisonRequest.TimeableMethods)}." };
        Option<string?> output = CommonOptions.Out();
        output.Description = "The comparison's folder. What is trained there already stays, so an interrupted comparison goes on. [default: runs/NAME-compared-N; none with --time-only]";
        Option<string[]> set = CommonOptions.Set();
        Option<string?> dataDirectory = CommonOptions.DataDirectory();
        Option<string?> device = CommonOptions.Device();
        Option<ProgressKind?> progress = CommonOptions.Progress();
        Option<OutputFormat> format = CommonOptions.Format();
        format.Description = "text is a table, json the whole comparison. [default: text]";
        Command command = new("compare", "Train an experiment by several methods and compare accuracy, time, traffic and memory.")
        {
            file, methods, seeds, target, cut, timeOnly, output, set, dataDirectory, device, progress, format,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            FaultCollector faults = new();
            bool isTimeOnly = parsed.GetValue(timeOnly);
            string[] named = parsed.GetValue(methods)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                ?? [.. isTimeOnly ? ComparisonRequest.TimeableMethods : ComparisonRequest.TrainableMethods];
            Experiment? experiment = faults.Try(() => ComparedMethods.ReadBase(parsed.GetRequiredValue(file), parsed.GetValue(set) ?? []));
            if (experiment is not null && parsed.GetValue(device) is { } chosen)
                experiment = experiment with { Compute = experiment.Compute with { Device = chosen } };
            ComparisonRequest? request = experiment is null ? null : new()
            {
                Experiment = experiment,
                Methods = named,
                Seeds = parsed.GetValue(seeds) ?? 1,
                TargetAccuracy = parsed.GetValue(target),
                CommonCut = parsed.GetValue(cut),
                IsTimeOnly = isTimeOnly,
            };
            faults.Check(() =>
            {
                if (request?.Check() is { Count: > 0 } wrong)
                    throw new InvalidInputException(wrong);
            });
            faults.ThrowIfAny();
            Streams streams = new(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, parsed.GetValue(format), parsed.GetValue(progress));
            Func<Experiment, Task<PreparedExperiment>> prepareAsync = wanted => LoadAsync(wanted, isTimeOnly, parsed.GetValue(dataDirectory), streams.Error, cancellation);
            return await RunAsync(request!, parsed.GetValue(output), prepareAsync, streams).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<PreparedExperiment> LoadAsync(Experiment experiment, bool isTimeOnly, string? dataDirectory, TextWriter error, CancellationToken cancellation)
    {
        FaultCollector faults = new();
        PreparedExperiment? prepared = await Preparation.LoadAsync(experiment, dataDirectory, faults, error, cancellation).ConfigureAwait(false);
        faults.Check(() => prepared?.RequireSamples());
        if (!isTimeOnly && prepared is { Data.Test.Count: 0 })
            faults.Check(() => throw new InvalidInputException("data", "there is no test set to compare methods by", "add one, or compare times with --time-only"));
        faults.ThrowIfAny();
        return prepared!;
    }

    private static async Task<int> RunAsync(
        ComparisonRequest request, string? output, Func<Experiment, Task<PreparedExperiment>> prepareAsync, Streams streams)
    {
        ComparisonPlan plan = await ComparisonPlan.MakeAsync(request, prepareAsync, TimeProvider.System).ConfigureAwait(false);
        ComparisonFolder? folder = request.IsTimeOnly && output is null ? null : ComparisonFolder.CreateOrContinue(output, request.Experiment);
        if (!request.IsTimeOnly && !await TrainAsync(plan, folder!, request, prepareAsync, streams).ConfigureAwait(false))
        {
            await streams.Error.WriteLineAsync($"Stopped before all trainings were done; the same command with --out {folder!.Location} goes on.").ConfigureAwait(false);
            return 1;
        }

        Comparison comparison = ComparisonResults.Of(plan, request.IsTimeOnly ? null : folder);
        folder?.Write(comparison);
        if (streams.Format == OutputFormat.Json)
            await streams.Output.WriteAsync(ComparisonFolder.ToJson(comparison)).ConfigureAwait(false);
        else
            Print(comparison, folder, streams.Output);
        return comparison.Methods.All(method => method.Infeasible is not null) ? Program.NoPlan : 0;
    }

    private static async Task<bool> TrainAsync(
        ComparisonPlan plan, ComparisonFolder folder, ComparisonRequest request, Func<Experiment, Task<PreparedExperiment>> prepareAsync, Streams streams)
    {
        ComputeConfig compute = request.Experiment.Compute;
        TorchEngine engine = Preparation.CreateEngine(compute.Device, "compute.device");
        await using ComputeLanes lanes = Preparation.CreateLanes(engine, compute);
        // The result alone goes to standard output where a program reads it.
        TextWriter told = streams.Format == OutputFormat.Json ? streams.Error : streams.Output;
        return await ComparisonProgress.RunAsync(streams.Progress, told, streams.Error, plan.Trainings, async (report, signal) =>
        {
            ComparisonRunner runner = new(folder, prepareAsync, lanes, report, TimeProvider.System);
            foreach (ComparisonTraining kept in plan.Trainings.Where(runner.IsDone))
                await told.WriteLineAsync($"{kept.Name} is done already; its run is kept.").ConfigureAwait(false);
            return await runner.TrainAsync(plan.Trainings, signal.Stop, signal.Abandon).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    private static void Print(Comparison comparison, ComparisonFolder? folder, TextWriter output)
    {
        TextTable table = new(ComparisonTable.Headings(comparison), ComparisonTable.TextColumns);
        foreach (IReadOnlyList<string> row in ComparisonTable.Rows(comparison))
            table.Add(row);
        output.WriteLine();
        table.Write(output);
        output.WriteLine();
        foreach (string remark in ComparisonTable.Remarks(comparison))
            output.WriteLine(remark);
        if (folder is not null)
            output.WriteLine($"Everything is in {folder.Location}; a page with charts: edgesplit report {folder.Location}");
    }

    private sealed record Streams(TextWriter Output, TextWriter Error, OutputFormat Format, ProgressKind? Progress);
}
