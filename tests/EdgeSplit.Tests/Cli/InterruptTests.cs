using EdgeSplit.Experiments.Runs;
using EdgeSplit.Tests.Data;
using EdgeSplit.Tests.Torch;
using EdgeSplit.Training;

namespace EdgeSplit.Tests.Cli;

/// <summary>Ctrl-C, to a process of its own.</summary>
[Collection(TorchCollection.Name)]
public sealed class InterruptTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_first_ends_the_round_at_work_and_says_how_to_look_at_what_there_is()
    {
        using CommandProcess train = Train(localSteps: 30);
        await UntilAsync(train.Output, "\"event\":\"round-started\"");
        train.Interrupt();
        string rest = await train.Output.ReadToEndAsync(TestContext.Current.CancellationToken);
        string error = await train.Error.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, await train.EndAsync(TestContext.Current.CancellationToken));
        Assert.Contains("Stopping after the round at work", error, StringComparison.Ordinal);
        Assert.Contains($"edgesplit evaluate {folder.At("run")}", error, StringComparison.Ordinal);
        Assert.Contains("\"event\":\"run-finished\"", rest.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
        RunFolder run = RunFolder.Open(folder.At("run"));
        IReadOnlyList<RunEvent> events = run.ReadEvents();
        Assert.Equal((1, RunEnd.Cancelled), Assert.IsType<RunFinished>(events[^1]) is var last ? (last.Rounds, last.Reason) : default);
        Assert.Equal(4, events.OfType<DeviceFinished>().Count());
        Assert.Single(events.OfType<Evaluated>());
        await CommandLine.RunWellAsync("evaluate", run.Location);
    }

    [Fact]
    public async Task The_second_gives_the_round_up()
    {
        using CommandProcess train = Train(localSteps: 100_000);
        await UntilAsync(train.Output, "\"event\":\"round-started\"");
        train.Interrupt();
        await UntilAsync(train.Error, "press Ctrl-C again to give it up");
        train.Interrupt();
        await train.Output.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, await train.EndAsync(TestContext.Current.CancellationToken));
        RunFolder run = RunFolder.Open(folder.At("run"));
        Assert.Equal(0, Assert.IsType<RunFinished>(run.ReadEvents()[^1]).Rounds);
        Assert.True(File.Exists(run.ModelPath));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_end_of_a_terminal_or_a_service_manager_gives_the_round_up_and_the_run_goes_on_later(bool hangUp)
    {
        using CommandProcess train = Train(localSteps: 3);
        await UntilAsync(train.Output, "\"event\":\"evaluated\"");
        if (hangUp)
            train.HangUp();
        else
            train.Terminate();
        await train.Output.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, await train.EndAsync(TestContext.Current.CancellationToken));
        RunFolder run = RunFolder.Open(folder.At("run"));
        Assert.Equal(RunEnd.Cancelled, Assert.IsType<RunFinished>(run.ReadEvents()[^1]).Reason);
        await CommandLine.RunWellAsync("train", "--resume", run.Location);
        Assert.True(run.IsComplete);
    }

    /// <summary>One step of this network takes far longer than there is; nothing can interrupt it.</summary>
    [Fact]
    public async Task An_operation_that_would_not_end_does_not_keep_the_process()
    {
        string layers = "layers: [{ kind: conv2d, out-channels: 256, kernel: 11, padding: 5 }, relu]";
        folder.Write("heavy.yaml", $"""
            name: heavy
            input: 1x64x64
            classes: 10
            blocks:
              - name: one
                {layers}
              - name: two
                {layers}
              - name: three
                {layers}
              - name: four
                {layers}
              - name: head
                layers: [adaptive-avg-pool, flatten, linear]
            """.Replace("[adaptive-avg-pool, flatten, linear]", "[{ kind: adaptive-avg-pool, output-size: 1 }, flatten, { kind: linear, out-features: classes }]", StringComparison.Ordinal));
        string experiment = folder.Write("heavy-run.yaml", """
            name: heavy
            model: { file: heavy.yaml }
            data: { source: synthetic, shape: 1x64x64, classes: 10, trainSamples: 16, testSamples: 1 }
            training: { rounds: 2, localSteps: 1, batch: 16 }
            fleet: { devices: [{ name: only, cut: 5 }] }
            """);
        using CommandProcess train = CommandProcess.Start("train", experiment, "--out", folder.At("heavy"), "--progress", "json");
        await UntilAsync(train.Output, "\"event\":\"round-started\"");
        // No event tells that the operation is at work: any wait will do that is longer than its weights take to be there, and shorter than the operation.
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, TestContext.Current.CancellationToken);
        train.Terminate();
        await train.Output.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, await train.EndAsync(TestContext.Current.CancellationToken));
        Assert.IsType<RoundStarted>(RunFolder.Open(folder.At("heavy")).ReadEvents()[^1]);
    }

    private CommandProcess Train(int localSteps) => CommandProcess.Start(
        "train", Repository.PathOf("examples", "four-devices.yaml"), "--out", folder.At("run"), "--progress", "json",
        "--set", $"training.localSteps={localSteps}", "--set", "data.trainSamples=1000", "--set", "data.testSamples=100");

    private static async Task UntilAsync(TextReader reader, string text)
    {
        string? line;
        do
        {
            line = await reader.ReadLineAsync(TestContext.Current.CancellationToken);
        }
        while (line is not null && !line.Contains(text, StringComparison.Ordinal));
        Assert.NotNull(line);
    }
}
