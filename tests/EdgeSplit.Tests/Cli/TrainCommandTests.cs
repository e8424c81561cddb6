using System.Text.Json;
using EdgeSplit.Cli;
using EdgeSplit.Experiments;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Tests.Data;
using EdgeSplit.Tests.Torch;
using EdgeSplit.Training;

namespace EdgeSplit.Tests.Cli;

/// <summary>From an experiment file to a run folder and back, as a person at a terminal has it.</summary>
[Collection(TorchCollection.Name)]
public sealed class TrainCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_run_folder_is_complete_and_evaluates_to_what_its_last_event_says()
    {
        string run = folder.At("run");
        CommandLine trained = await TrainAsync("four-devices", run, "--progress", "plain");

        RunFolder written = RunFolder.Open(run);
        Experiment experiment = written.ReadExperiment();
        Assert.Equal(("four-devices", 2, 300), (experiment.Name, experiment.Training.Rounds, experiment.Data.TrainSamples));
        Assert.Equal([1, 2, 3, 4], Assert.Single(written.ReadPlan()).Devices.Select(device => device.Cut));
        IReadOnlyList<RunEvent> events = written.ReadEvents();
        RunFinished last = Assert.IsType<RunFinished>(events[^1]);
        Assert.Equal((2, RunEnd.Completed), (last.Rounds, last.Reason));
        Assert.True(last.WallSeconds > 0);
        Assert.Equal(last.Accuracy, events.OfType<Evaluated>().Last().Accuracy);
        Assert.Equal(3, (await File.ReadAllLinesAsync(written.MetricsPath, TestContext.Current.CancellationToken)).Length);
        Assert.Contains($"edgesplit evaluate {run}", trained.Output, StringComparison.Ordinal);
        Assert.Equal(2, trained.Output.Split('\n').Count(line => line.StartsWith("round ", StringComparison.Ordinal)));
        Assert.Equal("", trained.Error);
        Assert.Equal(
            ["checkpoints", "events.jsonl", "experiment.yaml", "metrics.csv", "model.safetensors", "plan.json", "run.json", "run.lock"],
            Directory.GetFileSystemEntries(run).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        Assert.Equal(last.Accuracy, await EvaluateAsync(run));
        Assert.Equal(last.Accuracy, await EvaluateAsync(written.ModelPath));
        File.Copy(written.ModelPath, folder.At("weights.safetensors"));
        Assert.Equal(last.Accuracy, await EvaluateAsync(folder.At("weights.safetensors"), "--experiment", written.ExperimentPath));
    }

    [Fact]
    public async Task Json_progress_is_one_event_a_line_and_the_last_says_how_the_run_ended()
    {
        CommandLine trained = await TrainAsync("four-devices", folder.At("run"), "--progress", "json");

        string[] lines = trained.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] kinds = [.. lines.Select(line =>
        {
            using JsonDocument parsed = JsonDocument.Parse(line);
            return parsed.RootElement.GetProperty("event").GetString()!;
        })];
        Assert.Equal("run-started", kinds[0]);
        Assert.Equal("run-finished", kinds[^1]);
        Assert.Equal(2, kinds.Count(kind => kind == "evaluated"));
        Assert.Equal(kinds.Length, RunFolder.Open(folder.At("run")).ReadEvents().Count);
    }

    [Fact]
    public async Task The_cuts_and_the_method_change_no_bit_and_the_seed_does()
    {
        byte[] first = await TrainedAsync("first");
        Assert.Equal(first, await TrainedAsync("again"));
        Assert.Equal(first, await TrainedAsync("whole", "--set", "training.method=fedavg"));
        Assert.Equal(first, await TrainedAsync("one-cut", "--set", "training.method=splitfed-v1", "--set", "training.cut=2"));
        Assert.NotEqual(first, await TrainedAsync("other", "--set", "seed=2"));
        Assert.NotEqual(first, await TrainedAsync("one-place", "--set", "training.method=centralized"));
    }

    [Theory]
    [InlineData("adam")]
    [InlineData("adamw")]
    public async Task Adaptive_optimizers_are_cut_invariant_too(string optimizer)
    {
        string[] chosen = ["--set", $"training.optimizer={optimizer}", "--set", "training.learningRate=0.001"];
        Assert.Equal(await TrainedAsync("split", chosen), await TrainedAsync("whole", [.. chosen, "--set", "training.method=fedavg"]));
    }

    [Fact]
    public async Task A_network_of_ones_own_travels_with_its_run_and_can_replace_it()
    {
        string run = folder.At("run");
        await TrainAsync("custom-model", run, "--set", "training.localSteps=2");
        Assert.True(File.Exists(Path.Combine(run, "model.yaml")));
        byte[] weights = await File.ReadAllBytesAsync(Path.Combine(run, "model.safetensors"), TestContext.Current.CancellationToken);

        // The run's own experiment, trained again into the same folder: its network is the one about to be replaced.
        await CommandLine.RunWellAsync("train", Path.Combine(run, "experiment.yaml"), "--out", run, "--force", "--progress", "plain");
        Assert.Equal(weights, await File.ReadAllBytesAsync(Path.Combine(run, "model.safetensors"), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("csv", "training.rounds=2")]
    [InlineData("synthetic-vgg11", "training.localSteps=1", "training.batch=4", "data.trainSamples=32", "data.testSamples=8", "training.rounds=1")]
    public async Task Examples_with_other_data_run(string example, params string[] settings)
    {
        string[] set = [.. settings.SelectMany(setting => (string[])["--set", setting])];
        await CommandLine.RunWellAsync(["train", Repository.PathOf("examples", $"{example}.yaml"), "--out", folder.At("run"), .. set]);
        Assert.IsType<RunFinished>(RunFolder.Open(folder.At("run")).ReadEvents()[^1]);
    }

    [Fact]
    public async Task A_run_folder_that_goes_away_while_training_fails_the_run_and_is_named()
    {
        string run = folder.At("run");
        using StringWriter error = new();
        using DeletingWriter output = new(run);
        int status = await Program.RunAsync(
            Program.CreateRoot(),
            ["train", Repository.PathOf("examples", "four-devices.yaml"), "--out", run, "--progress", "json", "--set", "data.trainSamples=100", "--set", "training.rounds=1"],
            output,
            error);
        Assert.Equal(1, status);
        Assert.StartsWith($"error: {run}: the run ended because it could not be written: ", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_init_writes_trains()
    {
        await CommandLine.RunWellAsync("init", folder.At("mine.yaml"));
        await CommandLine.RunWellAsync(
            "train", folder.At("mine.yaml"), "--out", folder.At("run"), "--set", "data.trainSamples=100", "--set", "data.testSamples=20", "--set", "training.rounds=1");
        Assert.Equal(1, Assert.IsType<RunFinished>(RunFolder.Open(folder.At("run")).ReadEvents()[^1]).Rounds);
    }

    private static Task<CommandLine> TrainAsync(string example, string run, params string[] more) => CommandLine.RunWellAsync(
    [
        "train", Repository.PathOf("examples", $"{example}.yaml"), "--out", run,
        "--set", "data.trainSamples=300", "--set", "data.testSamples=100", "--set", "training.rounds=2", .. more,
    ]);

    private async Task<byte[]> TrainedAsync(string name, params string[] more)
    {
        await TrainAsync("four-devices", folder.At(name), more);
        return await File.ReadAllBytesAsync(RunFolder.Open(folder.At(name)).ModelPath, TestContext.Current.CancellationToken);
    }

    private static async Task<double> EvaluateAsync(string target, params string[] more)
    {
        CommandLine evaluated = await CommandLine.RunWellAsync(["evaluate", target, "--format", "json", .. more]);
        using JsonDocument json = JsonDocument.Parse(evaluated.Output);
        return json.RootElement.GetProperty("accuracy").GetDouble();
    }

    /// <summary>Deletes a folder once a line is written to it.</summary>
    private sealed class DeletingWriter(string folder) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }
}
