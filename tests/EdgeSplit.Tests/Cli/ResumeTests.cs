using System.Globalization;
using EdgeSplit.Compute;
using EdgeSplit.Experiments;
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

    /// <summary>The example's own rate falls over all rounds.</summary>
    private static readonly string[] Constant = ["--set", "training.learningRate=0.02"];

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

    /// <summary>The same plans at the same rounds: the one in force goes on, and others that participation calls for come as they would have.</summary>
    [Theory]
    [InlineData("1")]
    [InlineData("0.5")]
    public async Task A_planned_run_that_was_killed_goes_on_with_its_plan(string participation)
    {
        // Drift is of this machine's times, which no two runs have in common.
        string[] planned = ["--set", $"training.participation={participation}", "--set", "plan.replanOver=0"];
        await CommandLine.RunWellAsync([.. Train("whole", "fashion-fleet"), .. planned]);
        RunFolder whole = RunFolder.Open(folder.At("whole"));
        Assert.All(whole.ReadPlan(), plan => Assert.Equal("edgesplit", plan.Policy));
        foreach (int round in (int[])[1, 4])
        {
            string name = $"killed-in-{round}";
            using CommandProcess train = CommandProcess.Start([.. Train(name, "fashion-fleet"), .. planned]);
            while (RunEvents.Parse((await train.Output.ReadLineAsync(TestContext.Current.CancellationToken))!, "train", 1) is not RoundStarted begun || begun.Round < round)
            {
            }

            train.Destroy();
            await train.EndAsync(TestContext.Current.CancellationToken);
            await CommandLine.RunWellAsync("train", "--resume", folder.At(name));
            await AssertLikeWholeAsync(name);
            RunFolder resumed = RunFolder.Open(folder.At(name));
            Assert.Single(resumed.ReadEvents().OfType<RunResumed>());
            Assert.Equal(Plans(whole), Plans(resumed));
            Assert.Equal(Cuts(whole), Cuts(resumed));
        }

        static IEnumerable<string> Plans(RunFolder run) =>
            run.ReadEvents().OfType<RoundPlanned>().Select(plan => RunEvents.ToLine(plan with { Time = null, ElapsedSeconds = null }));

        static IEnumerable<string> Cuts(RunFolder run) =>
            run.ReadEvents().OfType<RoundStarted>().Select(round => $"{round.Round}: {string.Join(' ', round.Participants)} {string.Join(' ', round.Cuts)}");
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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_damaged_checkpoint_is_passed_over_for_the_one_before_and_told(bool isCutOff)
    {
        await CommandLine.RunWellAsync(Train("whole"));
        await CommandLine.RunWellAsync(Train("damaged"));
        RunFolder damaged = RunFolder.Open(folder.At("damaged"));
        File.Delete(damaged.ModelPath);
        using (FileStream stream = File.Open(damaged.Checkpoints.PathOf(Rounds), FileMode.Open))
        {
            if (isCutOff)
                stream.SetLength(stream.Length - 1);
            else
                FlipBit(stream, at: stream.Length / 2);
        }

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
            .AssertRefused("--set seed=2: a run that goes on keeps its seed", "--out", "--force", "there is no such folder");
        (await CommandLine.RunAsync("train", Repository.PathOf("examples", "csv.yaml"), "--resume", folder.At("none"), "--device", "gpu"))
            .AssertRefused("--resume: the run has its experiment", "there is no such folder", "--device");
    }

    [Fact]
    public async Task More_rounds_come_to_the_bits_of_as_many_at_one_go_and_another_learning_rate_holds_from_then_on()
    {
        await CommandLine.RunWellAsync([.. Train("whole"), .. Constant]);
        await CommandLine.RunWellAsync([.. Train("more"), .. Constant, "--set", "training.rounds=3"]);
        CommandLine resumed = await CommandLine.RunWellAsync("train", "--resume", folder.At("more"), "--set", $"training.rounds={Rounds}");
        Assert.StartsWith($"Resumed after round 3 of {Rounds}.\nFrom round 4 on, {Rounds} rounds in all.\n", resumed.Output, StringComparison.Ordinal);
        await AssertLikeWholeAsync("more");

        await CommandLine.RunWellAsync("train", "--resume", folder.At("more"), "--set", "training.rounds=8", "--set", "training.learningRate=0.0625");
        RunFolder more = RunFolder.Open(folder.At("more"));
        double began = ExperimentFile.Read(more.ExperimentPath).Training.LearningRate.Initial;
        Assert.Equal(
            [.. Enumerable.Repeat(began, Rounds), 0.0625, 0.0625], more.ReadEvents().OfType<RoundStarted>().Select(round => round.LearningRate));
        Assert.Equal([(4, Rounds, null), (7, 8, 0.0625)], more.ReadEvents().OfType<SettingsChanged>().Select(changed => (changed.FromRound, changed.Rounds, changed.LearningRate)));
        Assert.Equal(8, more.ReadExperiment().Training.Rounds);
        Assert.StartsWith("Nothing is left", (await CommandLine.RunWellAsync("train", "--resume", more.Location)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_that_was_written_down_by_a_process_that_was_killed_holds()
    {
        await CommandLine.RunWellAsync([.. Train("whole"), .. Constant]);
        await CommandLine.RunWellAsync([.. Train("more"), .. Constant, "--set", "training.rounds=3"]);
        using CommandProcess train = CommandProcess.Start("train", "--resume", folder.At("more"), "--progress", "json", "--set", $"training.rounds={Rounds}");
        while (RunEvents.Parse((await train.Output.ReadLineAsync(TestContext.Current.CancellationToken))!, "train", 1) is not RoundStarted)
        {
        }

        train.Destroy();
        await train.EndAsync(TestContext.Current.CancellationToken);
        await CommandLine.RunWellAsync("train", "--resume", folder.At("more"));
        await AssertLikeWholeAsync("more");
        Assert.Single(RunFolder.Open(folder.At("more")).ReadEvents().OfType<SettingsChanged>());
    }

    [Fact]
    public async Task What_a_run_cannot_go_on_with_is_refused_by_name_and_nothing_is_changed()
    {
        string[] cosine = ["--set", "training.rounds=2", "--set", "training.learningRate={schedule: cosine, initial: 0.02, final: 0}"];
        await CommandLine.RunWellAsync([.. Train("cosine"), .. cosine]);
        string[] resume = ["train", "--resume", folder.At("cosine")];
        (await CommandLine.RunAsync([.. resume, "--set", "training.batch=8", "--set", "training.rounds=9"])).AssertRefused("--set training.batch=8: a run that goes on keeps its training.batch");
        (await CommandLine.RunAsync([.. resume, "--set", "training.rounds=1"])).AssertRefused("training.rounds: 2 rounds are done, and 1 are asked for");
        (await CommandLine.RunAsync([.. resume, "--set", "training.learningRate=0.1"])).AssertRefused("training.rounds: 2 rounds are done, and 2 are asked for");
        (await CommandLine.RunAsync([.. resume, "--set", "training.rounds=many"])).AssertRefused("--set training.rounds=many: it is 'many'");
        (await CommandLine.RunAsync([.. resume, "--set", "training.rounds=4"])).AssertRefused("training.rounds: the learning rate falls over all 2 rounds");
        Assert.StartsWith("Nothing is left", (await CommandLine.RunWellAsync(resume)).Output, StringComparison.Ordinal);
        await CommandLine.RunWellAsync([.. resume, "--set", "training.rounds=4", "--set", "training.learningRate=0.01"]);
    }

    [Fact]
    public async Task A_run_that_diverges_leaves_its_last_good_weights_and_advice_that_helps()
    {
        CommandLine diverged = await CommandLine.RunAsync(
            // At the largest rate, each of eight steps multiplies the weights by a million: more than float32 holds.
            [.. Train("diverged"), "--set", "training.rounds=2", "--set", "training.localSteps=8", "--set", "training.learningRate=0.00001",
                "--set", "training.optimizer={kind: sgd, momentum: 0, weightDecay: 1000}"]);
        Assert.Equal(0, diverged.Status);
        diverged = await CommandLine.RunAsync("train", "--resume", folder.At("diverged"), "--set", "training.rounds=4", "--set", "training.learningRate=1000");
        Assert.Equal(1, diverged.Status);
        RunFolder run = RunFolder.Open(folder.At("diverged"));
        Assert.EndsWith(
            $"the rounds before are kept, and {run.ModelPath} has the last good weights; go on with a smaller learning rate: edgesplit train --resume {run.Location} --set training.learningRate=100\n",
            diverged.Error, StringComparison.Ordinal);
        Assert.Equal((2, RunEnd.Failed), Assert.IsType<RunFinished>(run.ReadEvents()[^1]) is var end ? (end.Rounds, end.Reason) : default);
        using (Weights model = SafetensorsFile.Read(run.ModelPath))
            Assert.Null(model.FirstNotFinite());

        await CommandLine.RunWellAsync("train", "--resume", run.Location, "--set", "training.learningRate=0.00001");
        Assert.Equal((4, RunEnd.Completed), Assert.IsType<RunFinished>(run.ReadEvents()[^1]) is var last ? (last.Rounds, last.Reason) : default);
    }

    private static void FlipBit(FileStream stream, long at)
    {
        stream.Position = at;
        int before = stream.ReadByte();
        stream.Position = at;
        stream.WriteByte((byte)(before ^ 4));
    }

    private string[] Train(string name, string example = "four-devices") =>
    [
        "train", Repository.PathOf("examples", $"{example}.yaml"), "--out", folder.At(name), "--progress", "json", "--set", $"training.rounds={Rounds}",
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
    }

    private static IEnumerable<string> Rows(RunFolder run) => File.ReadLines(run.MetricsPath).Select(row =>
        row.Split(',') is [var round, var trainLoss, _, _, _, var samples, var learningRate] ? $"{round} {trainLoss} {samples} {learningRate}" : row);
}
