using System.CommandLine;
using System.Globalization;
using EdgeSplit.Compute;
using EdgeSplit.Data;
using EdgeSplit.Experiments;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Numerics;
using EdgeSplit.Torch;
using EdgeSplit.Training;
using Spectre.Console;

namespace EdgeSplit.Cli.Commands;

/// <summary><c>edgesplit demo</c>: the whole system in two minutes, on real data, with its proof.</summary>
internal static class DemoCommand
{
    /// <summary>Columns the introduction's table needs without breaking a cell, also where a pipe has no width.</summary>
    private const int TableWidth = 110;

    public static Command Create()
    {
        Option<string?> output = CommonOptions.Out();
        Option<bool> force = CommonOptions.Force();
        Option<string?> dataDirectory = CommonOptions.DataDirectory();
        Option<ProgressKind?> progress = CommonOptions.Progress();
        Command command = new("demo", "Watch four unequal devices and a server train LeNet-5 on Fashion-MNIST; takes a minute or two.")
        {
            output, force, dataDirectory, progress,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            TextWriter writer = parsed.InvocationConfiguration.Output;
            TextWriter error = parsed.InvocationConfiguration.Error;
            FaultCollector faults = new();
            ProgressKind kind = CommonOptions.ProgressOf(parsed.GetValue(progress));
            using StopSignal signal = CommonOptions.StopFor(kind, error);
            (PreparedExperiment? prepared, TorchEngine? engine) = await Preparation.PrepareAsync(
                () => ExperimentFile.Parse(ReadExperiment(), Directory.GetCurrentDirectory(), source: "demo"),
                device: null, parsed.GetValue(dataDirectory), faults, error, signal.Abandon, hearsSignals: true).ConfigureAwait(false);
            using RunClaim? claim = faults.Try(() => RunClaim.OfNew(parsed.GetValue(output), prepared?.Experiment.Name ?? "demo", parsed.GetValue(force)));
            faults.ThrowIfAny();

            Experiment experiment = prepared!.Experiment;
            RunFolder folder = claim!.Folder;
            await using ComputeLanes lanes = Preparation.CreateLanes(engine!, experiment.Compute);

            Introduce(writer, prepared);
            TrainingResult result = await new TrainingRun(new RunStart(claim, prepared), "train", signal, writer).TrainAsync(
                supervision => prepared.TrainAsync(new GivenCuts(prepared.Cuts), lanes, TimeProvider.System, supervision), kind).ConfigureAwait(false);
            result.Weights.Dispose();
            if (result.Rounds < experiment.Training.Rounds)
            {
                await writer.WriteLineAsync($"Stopped after {result.Rounds} rounds. What there is lies in {folder.Location}.").ConfigureAwait(false);
                return 0;
            }

            string? difference = await FirstDifferenceAsync(prepared, lanes, signal.Abandon).ConfigureAwait(false);
            Conclude(writer, prepared, folder, result, difference);
            return difference is null ? 0 : 1;
        });
        return command;
    }

    private static string ReadExperiment()
    {
        using Stream stream = typeof(DemoCommand).Assembly.GetManifestResourceStream("demo.yaml")!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }

    private static void Introduce(TextWriter writer, PreparedExperiment prepared)
    {
        writer.WriteLine($"""
            {prepared.Experiment.Devices.Count} devices and one edge server train {prepared.Network.Spec.Name} together on {prepared.Data.Name}.
            Each device keeps its own images, runs the first blocks of the network, and sends only what comes out of them.
            The server runs the rest. The weaker the device, the earlier the cut:

            """);
        PartitionSummary summary = PartitionSummary.Of(prepared.Data.Train, prepared.Partition);
        Table table = new Table().Border(TableBorder.Simple)
            .AddColumns("device", "runs itself", "the server runs").AddColumn("images", column => column.RightAligned())
            .AddColumn("mostly");
        for (int device = 0; device < prepared.Experiment.Devices.Count; device++)
        {
            int cut = prepared.Cuts[device];
            DeviceSamples samples = summary.Devices[device];
            string[] frequent = [.. samples.ClassHistogram.Index().OrderByDescending(entry => entry.Item).Take(3)
                .Select(entry => summary.ClassNames[entry.Index])];
            table.AddRow(
                Markup.Escape(prepared.Experiment.Devices[device].Name),
                Blocks(prepared, 1, cut),
                Blocks(prepared, cut + 1, prepared.Network.Length),
                samples.Samples.ToString("#,0", CultureInfo.InvariantCulture),
                Markup.Escape(string.Join(", ", frequent)));
        }

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        console.Profile.Width = Math.Max(console.Profile.Width, TableWidth);
        console.Write(table);
    }

    private static string Blocks(PreparedExperiment prepared, int first, int last) =>
        first > last ? "nothing" : Markup.Escape(string.Join(" ", prepared.Network.Blocks[(first - 1)..last].Select(block => block.Name)));

    /// <summary>Trains the first round once as it was and once with no cut at all; the name of the first parameter whose bits differ.</summary>
    private static async Task<string?> FirstDifferenceAsync(PreparedExperiment prepared, ComputeLanes lanes, CancellationToken cancellation)
    {
        TrainingResult split = await TrainOneRound(uncut: false).ConfigureAwait(false);
        TrainingResult whole = await TrainOneRound(uncut: true).ConfigureAwait(false);
        using (split.Weights)
        using (whole.Weights)
        {
            foreach ((string name, HostTensor tensor) in split.Weights)
            {
                if (!tensor.Bytes.SequenceEqual(whole.Weights[name].Bytes))
                    return name;
            }
        }

        return null;

        Task<TrainingResult> TrainOneRound(bool uncut)
        {
            PreparedExperiment first = prepared.FirstRounds(1, uncut);
            RunSupervision unwatched = new(_ => { }) { Stop = cancellation, Abandon = cancellation };
            return first.TrainAsync(new GivenCuts(first.Cuts), lanes, TimeProvider.System, unwatched);
        }
    }

    private static void Conclude(TextWriter writer, PreparedExperiment prepared, RunFolder folder, TrainingResult result, string? difference)
    {
        string run = Path.GetRelativePath(Directory.GetCurrentDirectory(), folder.Location);
        long weights = prepared.Network.Parameters.Sum(parameter => parameter.Shape.ElementCount);
        string proof = difference is null
            ? string.Create(CultureInfo.InvariantCulture, $"""
              Did the cuts change anything? No. The first round was trained again with no cut at all, as plain federated averaging:
              all {weights:#,0} weights came out the same, to the last bit.
              """)
            : $"""
              The first round, trained again with no cut, differs at '{difference}'. The cut must never change the result:
              this is a bug. Please report it with the output of 'edgesplit doctor'.
              """;
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""

            What happened. In each of {result.Rounds} rounds every device trained on its own images, the network cut after block {CutsInWords(prepared)};
            the server ran the rest of each device's network, then averaged the {prepared.Cuts.Count} networks into one. No image left its device.
            Of {result.Evaluation!.Value.Samples:#,0} images it has never seen, the network now names {result.Evaluation.Value.Accuracy:0.0%} rightly (test accuracy {result.Evaluation.Value.Accuracy:0.0000}).

            {proof}

            Try next:
              edgesplit evaluate {run}   judge the trained weights again
              edgesplit models show lenet5            where a network can be cut, and what each cut costs
              edgesplit init my-experiment.yaml       your own fleet, data and network, in a commented file
              edgesplit train my-experiment.yaml      train it
            In a clone, 'edgesplit' is: dotnet run -c Release --project src/EdgeSplit.Cli --
            """));
    }

    /// <summary><c>1, 2 or 3</c>, without repeats.</summary>
    private static string CutsInWords(PreparedExperiment prepared)
    {
        int[] cuts = [.. prepared.Cuts.Distinct().Order()];
        return cuts.Length == 1 ? $"{cuts[0]}" : $"{string.Join(", ", cuts[..^1])} or {cuts[^1]}";
    }
}
