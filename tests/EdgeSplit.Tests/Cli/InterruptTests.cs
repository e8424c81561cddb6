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
