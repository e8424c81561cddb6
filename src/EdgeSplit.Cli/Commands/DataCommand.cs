using System.CommandLine;
using EdgeSplit.Cli.Progress;
using EdgeSplit.Data;
using EdgeSplit.Experiments;

namespace EdgeSplit.Cli.Commands;

/// <summary><c>edgesplit data</c>: what an experiment's devices learn from.</summary>
internal static class DataCommand
{
    public static Command Create() => new("data", "Look at an experiment's samples.") { CreateShow() };

    private static Command CreateShow()
    {
        Argument<string> experiment = new("EXPERIMENT") { Description = "The experiment file." };
        Option<string[]> set = CommonOptions.Set();
        Option<OutputFormat> format = CommonOptions.Format();
        Option<bool> all = new("--all") { Description = "Show every device, however many there are." };
        Option<string?> dataDir = CommonOptions.DataDirectory();
        Command command = new("show", "Show each device's samples and how they spread over the classes.") { experiment, set, format, all, dataDir };
        command.SetAction(async (parsed, cancellation) =>
        {
            FaultCollector faults = new();
            Experiment? found = faults.Try(() => ExperimentFile.Read(parsed.GetRequiredValue(experiment), parsed.GetValue(set)));
            DatasetLocations? locations = faults.Try(() => DatasetLocations.Find(parsed.GetValue(dataDir)));
            faults.ThrowIfAny();
            Experiment read = found!;
            DatasetCatalog catalog = new(locations!);
            DownloadBar progress = new(parsed.InvocationConfiguration.Error);
            using InterruptSignal interrupt = new(cancellation);
            DataSplit data = await catalog.LoadAsync(read.Data, read.Training.Seed, progress, interrupt.Token).ConfigureAwait(false);
            if (data.Train.Count == 0)
                throw new InvalidInputException("data", "it has no training samples to show", "add a training file; devices' own samples are on the devices");
            foreach (string warning in data.Warnings)
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"warning: {warning}").ConfigureAwait(false);
            ExperimentChecks.RequireData(read, data.Train.Count, data.Train.Classes);
            IReadOnlyList<int[]> partition = Partitioner.Deal(
                read.Partition, data.Train.Labels, data.Train.Classes, read.Devices.Count, read.Training.Seed);
            PartitionSummary summary = PartitionSummary.Of(data.Train, partition);
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(format) == OutputFormat.Json)
                output.WriteLine(DataReport.Json(read, data, summary));
            else
                output.Write(DataReport.Text(read, data, summary, parsed.GetValue(all)));
        });
        return command;
    }
}
