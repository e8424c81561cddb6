using EdgeSplit.Experiments.Runs;
using EdgeSplit.Tests.Cli;
using EdgeSplit.Tests.Data;
using EdgeSplit.Tests.Torch;
using EdgeSplit.Training;

namespace EdgeSplit.Tests.Faults;

/// <summary>
/// A file system that is full: the run ends and names the file that could not be written, what was done is kept, and once there is room
/// it goes on to the same bits.
/// </summary>
[Collection(TorchCollection.Name)]
public sealed class FullDiskTests : IDisposable
{
    private const int Rounds = 6;

    /// <summary>A checkpoint of lenet5 is 247 kB: ample until the disk is filled.</summary>
    private const int Kibibytes = 4096;

    private const string Experiment = """
        name: full
        seed: 6
        model: lenet5
        data: { source: fashion-mnist, trainSamples: 300, testSamples: 50 }
        training: { rounds: 6, localSteps: 2, batch: 16, optimizer: { kind: sgd, momentum: 0.9 }, learningRate: 0.02, evaluateEvery: 2 }
        fleet: { devices: [{ name: a, cut: 1 }, { name: b, cut: 3 }, { name: c, cut: 5 }] }
        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Left on the disk when round 2 is done: nothing, or less than a checkpoint.</summary>
    [Theory]
    [InlineData("tmpfs", 0)]
    [InlineData("tmpfs", 100_000)]
    [InlineData("tmpfs", 200_000)]
    [InlineData("ext4", 0)]
    [InlineData("ext4", 100_000)]
    [InlineData("ext4", 200_000)]
    public async Task Train_ends_with_the_file_it_could_not_write_and_goes_on_when_there_is_room(string kind, long left)
    {
        using SmallDisk disk = SmallDisk.Mount(kind, Kibibytes);
        string run = Path.Combine(disk.Root, "run"), experiment = folder.Write("experiment.yaml", Experiment);
        using CommandProcess train = CommandProcess.Start("train", experiment, "--out", run, "--progress", "json");
        int done = 0;
        while (done < 2 && await train.Output.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            done += RunEvents.Parse(line, "train", 1) is RoundFinished ? 1 : 0;
        // It stands still meanwhile, or it could be done before the disk is full.
        train.Stop();
        disk.Fill(left);
        train.Continue();
        Task<string> rest = train.Output.ReadToEndAsync(TestContext.Current.CancellationToken);
        string error = await train.Error.ReadToEndAsync(TestContext.Current.CancellationToken);
        await rest;
        Assert.Equal(1, await train.EndAsync(TestContext.Current.CancellationToken));
        AssertExplained(error.Trim(), run, "train");

        disk.MakeRoom();
        CommandLine resumed = await CommandLine.RunWellAsync("train", "--resume", run, "--progress", "plain");
        Assert.DoesNotContain("warning", resumed.Output, StringComparison.Ordinal);
        AssertWhole(RunFolder.Open(run), await TrainAloneAsync(experiment));
    }

    [Theory]
    [InlineData("tmpfs")]
    [InlineData("ext4")]
    public async Task A_server_ends_so_too_and_its_devices_hear_of_it(string kind)
    {
        using SmallDisk disk = SmallDisk.Mount(kind, Kibibytes);
        await using ProcessFleet fleet = await ProcessFleet.StartAsync(Experiment, folderOfRun: disk.Root);
        fleet.StartDevices(fleet.Names);
        await fleet.UntilAsync(happened => happened is RoundFinished { Round: 2 });
        fleet.Server.Stop();
        disk.Fill(leave: 100_000);
        fleet.Server.Continue();
        Assert.Equal(1, await fleet.EndAsync());
        AssertExplained(fleet.Printed.Split('\n').Single(line => line.Contains("error: ", StringComparison.Ordinal) && line.StartsWith("server: ", StringComparison.Ordinal))["server: ".Length..], fleet.RunLocation, "server");
        foreach (string name in fleet.Names)
            Assert.Equal(1, await fleet.Device(name).EndAsync(TestContext.Current.CancellationToken));

        disk.MakeRoom();
        await fleet.ResumeServerAsync();
        fleet.StartDevices(fleet.Names);
        await fleet.FinishAsync();
        AssertWhole(fleet.Run, await fleet.TrainAloneAsync());
    }

    [Fact]
    public async Task A_run_that_cannot_even_begin_is_refused_and_leaves_nothing()
    {
        using SmallDisk disk = SmallDisk.Mount("tmpfs", Kibibytes);
        disk.Fill(leave: 4096);
        string run = Path.Combine(disk.Root, "run");
        CommandLine refused = await CommandLine.RunAsync("train", folder.Write("experiment.yaml", Experiment), "--out", run, "--progress", "json");
        refused.AssertRefused("the disk is full");
        Assert.False(Directory.Exists(run));
    }

    /// <summary>One line: the run, the file, the reason, and how it goes on.</summary>
    private static void AssertExplained(string error, string run, string command)
    {
        Assert.StartsWith($"error: {run}: the run ended because it could not be written: the disk is full: '{run}/", error, StringComparison.Ordinal);
        Assert.EndsWith($"make room there and go on with: edgesplit {command} --resume {run}", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
    }

    private static void AssertWhole(RunFolder run, byte[] expected)
    {
        Assert.Equal(expected, File.ReadAllBytes(run.ModelPath));
        Assert.Equal(Enumerable.Range(1, Rounds), run.ReadEvents().OfType<RoundFinished>().Select(round => round.Round));
        Assert.InRange(Assert.Single(run.ReadEvents().OfType<RunResumed>()).Round, 1, 2);
        Assert.Empty(Directory.GetFiles(run.Location, "*.tmp", SearchOption.AllDirectories));
    }

    private async Task<byte[]> TrainAloneAsync(string experiment)
    {
        await CommandLine.RunWellAsync("train", experiment, "--out", folder.At("alone"), "--progress", "json");
        return await File.ReadAllBytesAsync(RunFolder.Open(folder.At("alone")).ModelPath, TestContext.Current.CancellationToken);
    }
}
