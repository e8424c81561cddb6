using System.Globalization;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Numerics;
using EdgeSplit.Tests.Data;
using EdgeSplit.Tests.Torch;
using EdgeSplit.Training;

namespace EdgeSplit.Tests.Cli;

/// <summary>Whatever ends a run, it goes on to the weights it would have come to.</summary>
[Collection(TorchCollection.Name)]
public sealed class ResumeTests : IDisposable
{
    private const int Rounds = 6;

    /// <summary>About what a run prints, in events.</summary>
    private const int Lines = 2 + (Rounds * 7);

    private readonly TemporaryFolder folder = new();

    /// <summary>How many instants are tried: few in CI, where <c>EDGESPLIT_KILLS</c> is not set.</summary>
    private static int Kills => int.Parse(Environment.GetEnvironmentVariable("EDGESPLIT_KILLS") ?? "4", CultureInfo.InvariantCulture);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_run_killed_at_any_instant_goes_on_to_the_same_bits()
    {
        await CommandLine.RunWellAsync(Train("whole"));
        SeededRandom random = new(11);
        for (int kill = 0; kill < Kills; kill++)
        {
            string name = $"killed-{kill}";
            using CommandProcess train = CommandProcess.Start(Train(name));
            for (int line = random.NextInt(Lines); line > 0; line--)
                await train.Output.ReadLineAsync(TestContext.Current.CancellationToken);
            // Where between two events it falls: any wait will do.
            await Task.Delay(TimeSpan.FromMilliseconds(random.NextInt(60)), TimeProvider.System, TestContext.Current.CancellationToken);
            train.Destroy();
            await train.EndAsync(TestContext.Current.CancellationToken);

            // Killed before there was a run, there is none to resume.
            bool isRun = File.Exists(folder.At(name, "experiment.yaml"));
            await CommandLine.RunWellAsync(isRun ? ["train", "--resume", folder.At(name)] : [.. Train(name), "--force"]);
            await AssertLikeWholeAsync(name);
        }
    }

    [Fact]
    public async Task A_run_that_was_interrupted_goes_on_and_a_complete_one_says_so()
    {
        await CommandLine.RunWellAsync(Train("whole"));
        using CommandProcess train = CommandProcess.Start(Train("stopped"));
        for (int line = 0; line < 12; line++)
            await train.Output.ReadLineAsync(TestContext.Current.CancellationToken);
        train.Interrupt();
        await train.Output.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Contains($"Go on with: edgesplit train --resume {folder.At("stopped")}", await train.Error.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(0, await train.EndAsync(TestContext.Current.CancellationToken));

        CommandLine resumed = await CommandLine.RunWellAsync("train", "--resume", folder.At("stopped"));
        Assert.Contains($" of {Rounds}.\nround ", resumed.Output, StringComparison.Ordinal);
        Assert.Single(RunFolder.Open(folder.At("stopped")).ReadEvents().OfType<RunResumed>());
        await AssertLikeWholeAsync("stopped");
        string[] before = Directory.GetFiles(folder.At("stopped"));

        CommandLine complete = await CommandLine.RunWellAsync("train", "--resume", folder.At("stopped"));
        Assert.StartsWith("Nothing is left to train: all rounds are done.", complete.Output, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFiles(folder.At("stopped")));
    }

    [Fact]
    public async Task A_damaged_checkpoint_is_passed_over_for_the_one_before_and_told()
    {
        await CommandLine.RunWellAsync(Train("whole"));
        await CommandLine.RunWellAsync(Train("damaged"));
        RunFolder damaged = RunFolder.Open(folder.At("damaged"));
        File.Delete(damaged.ModelPath);
        using (FileStream stream = File.OpenWrite(damaged.Checkpoints.PathOf(Rounds)))
            stream.SetLength(stream.Length - 1);

        CommandLine resumed = await CommandLine.RunWellAsync("train", "--resume", damaged.Location);

        Assert.StartsWith($"warning: the checkpoint of round {Rounds} is passed over for the one before: ", resumed.Output, StringComparison.Ordinal);
        Assert.Contains($"Resumed after round {Rounds - 1} of {Rounds}.", resumed.Output, StringComparison.Ordinal);
        await AssertLikeWholeAsync("damaged");
    }

    [Fact]
    public async Task A_disk_that_fills_up_ends_a_run_that_goes_on_once_there_is_room()
    {
        // A network whose checkpoints are small beside the events, which is what outgrows the disk.
        string model = folder.Write("tiny.yaml", "name: tiny\ninput: 4\nclasses: 3\nblocks:\n  - name: hidden\n    layers: [{ kind: linear, out-features: 8 }, relu]\n  - name: head\n    layers: [{ kind: linear, out-features: 3 }]\n");
        string[] train =
        [
            "train", Repository.PathOf("examples", "csv.yaml"), "--progress", "json", "--set", "training.rounds=60", "--set", $"model={{file: {model}}}",
        ];
        await CommandLine.RunWellAsync([.. train, "--out", folder.At("whole")]);
        using CommandProcess full = CommandProcess.StartWithLittleDisk(kibibytes: 32, [.. train, "--out", folder.At("full")]);
        await full.Output.ReadToEndAsync(TestContext.Current.CancellationToken);
        string error = await full.Error.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, await full.EndAsync(TestContext.Current.CancellationToken));
        Assert.StartsWith($"error: {folder.At("full")}: the run ended because it could not be written: ", error, StringComparison.Ordinal);
        Assert.EndsWith($"; make room there and go on with: edgesplit train --resume {folder.At("full")}\n", error, StringComparison.Ordinal);
        CommandLine resumed = await CommandLine.RunWellAsync("train", "--resume", folder.At("full"));
        Assert.Matches("Resumed after round [1-9]", resumed.Output);
        await AssertLikeWholeAsync("full");
    }

    [Fact]
    public async Task What_does_not_go_with_resuming_is_refused_at_once()
    {
        (await CommandLine.RunAsync("train", "--resume", folder.At("none"), "--set", "seed=2", "--out", folder.At("x"), "--force"))
            .AssertRefused("--set: a resumed run goes on as and where it began", "--out", "--force", "there is no such folder");
        (await CommandLine.RunAsync("train", Repository.PathOf("examples", "csv.yaml"), "--resume", folder.At("none"), "--device", "gpu"))
            .AssertRefused("--resume: the run has its experiment", "there is no such folder", "--device");
    }

    private string[] Train(string name) =>
    [
        "train", Repository.PathOf("examples", "four-devices.yaml"), "--out", folder.At(name), "--progress", "json", "--set", $"training.rounds={Rounds}",
        "--set", "training.localSteps=3", "--set", "data.trainSamples=400", "--set", "data.testSamples=50", "--set", "training.evaluateEvery=2",
    ];

    /// <summary>The same model, the same rows but for durations and evaluations a stop asked for, and each round finished once.</summary>
    private async Task AssertLikeWholeAsync(string name)
    {
        RunFolder whole = RunFolder.Open(folder.At("whole")), other = RunFolder.Open(folder.At(name));
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        Assert.Equal(await File.ReadAllBytesAsync(whole.ModelPath, cancellation), await File.ReadAllBytesAsync(other.ModelPath, cancellation));
        Assert.Equal(await File.ReadAllTextAsync(whole.PlanPath, cancellation), await File.ReadAllTextAsync(other.PlanPath, cancellation));
        Assert.Equal(Rows(whole), Rows(other));
        int[] rounds = [.. whole.ReadEvents().OfType<RoundFinished>().Select(finished => finished.Round)];
        Assert.Equal(rounds, other.ReadEvents().OfType<RoundFinished>().Select(finished => finished.Round));
        Assert.Equal(RunEnd.Completed, Assert.IsType<RunFinished>(other.ReadEvents()[^1]).Reason);
        Assert.Empty(Directory.GetFiles(other.Location, "*.tmp", SearchOption.AllDirectories));
        Assert.False(File.Exists(Path.Combine(other.Location, "run.lock")));
    }

    private static IEnumerable<string> Rows(RunFolder run) => File.ReadLines(run.MetricsPath).Select(row =>
        row.Split(',') is [var round, var trainLoss, _, _, _, var samples, var learningRate] ? $"{round} {trainLoss} {samples} {learningRate}" : row);
}
