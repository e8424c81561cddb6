using System.Globalization;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Numerics;
using EdgeSplit.Tests.Cli;
using EdgeSplit.Tests.Data;
using EdgeSplit.Tests.Torch;
using EdgeSplit.Training;

namespace EdgeSplit.Tests.Faults;

/// <summary>A process of <c>launch</c> that is killed: the run ends and says whose, or goes on; nothing of it is left behind.</summary>
[Collection(TorchCollection.Name)]
public sealed class LaunchFaultTests : IDisposable
{
    private const string Experiment = """
        name: launched
        seed: 8
        model: lenet5
        data: { source: fashion-mnist, trainSamples: 400, testSamples: 20 }
        training: { rounds: ROUNDS, localSteps: 2, batch: 16, learningRate: 0.02, evaluateEvery: 1000PATIENCE }
        fleet: { devices: [{ name: first, cut: 1 }, { name: second, cut: 3 }, { name: third, cut: 5 }] }
        """;

    private static readonly string[] Names = ["first", "second", "third"];

    private readonly TemporaryFolder folder = new();

    /// <summary>How often something is killed; EDGESPLIT_KILLS for more.</summary>
    private static int Kills =>
        int.TryParse(Environment.GetEnvironmentVariable("EDGESPLIT_KILLS"), CultureInfo.InvariantCulture, out int kills) ? kills : 3;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Whatever_is_killed_at_whatever_instant_the_run_ends_or_goes_on_and_leaves_nothing_behind()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Finds processes in /proc.");
        SeededRandom random = new((ulong)Kills);
        List<string> report = [];
        for (int kill = 0; kill < Kills; kill++)
        {
            string outcome = (kill % 3) switch
            {
                0 => await KillDeviceAsync(kill, random, isNeeded: true),
                1 => await KillLaunchAsync(kill, random),
                _ => await KillDeviceAsync(kill, random, isNeeded: false),
            };
            report.Add(outcome);
            Assert.Empty(LaunchedProcess.LeftIn(folder.At($"temp-{kill}")));
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', report));
    }

    /// <summary>The default is that every device counts; with a minimum that is met the others go on.</summary>
    private async Task<string> KillDeviceAsync(int kill, SeededRandom random, bool isNeeded)
    {
        string name = Names[random.NextInt(Names.Length)];
        await using LaunchedProcess launch = Start(kill, isNeeded ? 100_000 : 30, isNeeded ? "" : ", minimumDevices: 2");
        int lines = await launch.PassAsync(random.NextInt(60), TimeSpan.FromMilliseconds(random.NextInt(300)));
        await launch.KillDeviceAsync(name);
        long began = TimeProvider.System.GetTimestamp();
        int status = await launch.EndAsync();
        double seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;

        Assert.True(status == (isNeeded ? 1 : 0), $"exit {status} after {lines} lines: {launch.Printed}");
        Assert.True(launch.Printed.Split('\n').Any(line => line.Contains(name, StringComparison.Ordinal) && line.Contains("killed by signal 9", StringComparison.Ordinal)), launch.Printed);
        if (!isNeeded)
            Assert.Equal(30, RunFolder.Open(folder.At($"run-{kill}")).ReadEvents().OfType<RoundFinished>().Count());
        return string.Create(CultureInfo.InvariantCulture, $"{name} killed after {lines} lines: launch ended with {status}{(isNeeded ? $" {seconds:0.0} s later" : ", all rounds done")}");
    }

    private async Task<string> KillLaunchAsync(int kill, SeededRandom random)
    {
        await using LaunchedProcess launch = Start(kill, rounds: 12, patience: "");
        int lines = await launch.PassAsync(random.NextInt(40), TimeSpan.FromMilliseconds(random.NextInt(300)));
        await launch.KillAsync();
        // Devices end by themselves, or this never does.
        await launch.UntilDevicesEndAsync();
        bool isRun = File.Exists(folder.At($"run-{kill}", "experiment.yaml"));
        if (isRun)
        {
            await CommandLine.RunWellAsync("train", "--resume", folder.At($"run-{kill}"), "--progress", "json");
            Assert.Equal(await TrainAloneAsync(kill), await File.ReadAllBytesAsync(RunFolder.Open(folder.At($"run-{kill}")).ModelPath, TestContext.Current.CancellationToken));
        }

        return $"launch killed after {lines} lines: its devices ended, {(isRun ? "the run went on to the weights of train" : "no run had begun")}";
    }

    private LaunchedProcess Start(int kill, int rounds, string patience)
    {
        string experiment = folder.Write($"{kill}.yaml", Experiment
            .Replace("ROUNDS", rounds.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal).Replace("PATIENCE", patience, StringComparison.Ordinal));
        return LaunchedProcess.Start(folder.At($"temp-{kill}"), "launch", experiment, "--out", folder.At($"run-{kill}"), "--progress", "json");
    }

    private async Task<byte[]> TrainAloneAsync(int kill)
    {
        string alone = folder.At("alone");
        if (!Directory.Exists(alone))
            await CommandLine.RunWellAsync("train", folder.At($"{kill}.yaml"), "--out", alone, "--progress", "json");
        return await File.ReadAllBytesAsync(RunFolder.Open(alone).ModelPath, TestContext.Current.CancellationToken);
    }
}
