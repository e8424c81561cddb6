using System.Text.Json;
using EdgeSplit.Experiments.Comparisons;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Tests.Data;
using EdgeSplit.Tests.Reports;
using EdgeSplit.Tests.Torch;

namespace EdgeSplit.Tests.Cli;

/// <summary>Methods side by side, from an experiment file to a page with charts.</summary>
[Collection(TorchCollection.Name)]
public sealed class CompareCommandTests : IDisposable
{
    private static readonly string[] Small =
    [
        "--set", "training.rounds=2", "--set", "training.localSteps=2", "--set", "data.trainSamples=200", "--set", "data.testSamples=50", "--progress", "plain",
    ];

    private static readonly string Fashion = Repository.PathOf("examples", "fashion-fleet.yaml");
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Methods_of_the_same_mathematics_share_a_training_and_one_without_memory_is_a_remark()
    {
        string made = folder.At("compared");
        CommandLine compared = await CommandLine.RunWellAsync(
            ["compare", Fashion, "--seeds", "2", "--out", made, .. Small]);
        Assert.Matches(@"\nedgesplit +per device, by edgesplit +[0-9.]+ ± [0-9.]+ ", compared.Output);
        Assert.Contains("fedavg cannot run on this fleet: camera: cut ", compared.Output, StringComparison.Ordinal);
        Assert.Contains("edgesplit, splitfed-v1 come to the same weights, bit for bit", compared.Output, StringComparison.Ordinal);
        Assert.Equal(
            from method in (string[])["centralized", "edgesplit", "psl", "split", "splitfed-v2"] from seed in (int[])[1, 2] select $"{method}-seed{seed}",
            Directory.GetDirectories(Path.Combine(made, "runs")).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        Comparison comparison = ComparisonFolder.Read(made);
        Assert.Equal("edgesplit", comparison.Methods[1].TrainedAs);
        Assert.Equal(comparison.Methods[0].Accuracy, comparison.Methods[1].Accuracy);
        Assert.True(comparison.Methods[0].RoundSeconds <= comparison.Methods[1].RoundSeconds);
        Assert.Equal(["fedavg"], comparison.Methods.Where(method => method.Infeasible is not null).Select(method => method.Method));
        Assert.Equal(8, (await File.ReadAllLinesAsync(Path.Combine(made, "comparison.csv"), TestContext.Current.CancellationToken)).Length);

        await CommandLine.RunWellAsync("report", made);
        IReadOnlyDictionary<string, System.Xml.Linq.XElement> charts =
            ReportPages.AssertSound(await File.ReadAllTextAsync(Path.Combine(made, "report.html"), TestContext.Current.CancellationToken));
        Assert.Contains(charts["accuracy-over-time"].Elements(), shape => (string?)shape.Attribute("fill-opacity") == "0.15");
        Assert.Equal(charts.Keys.Order(StringComparer.Ordinal), FiguresIn(made, "*.svg"));
        Assert.Equal(charts.Keys.Order(StringComparer.Ordinal), FiguresIn(made, "*.png"));
    }

    [Fact]
    public async Task Where_smashed_data_is_rounded_the_cut_counts_and_no_training_is_shared()
    {
        string made = folder.At("compared");
        CommandLine compared = await CommandLine.RunWellAsync(
            ["compare", Fashion, "--methods", "edgesplit,splitfed-v1", "--set", "training.encoding=bf16", "--set", "training.rounds=1", "--out", made, .. Small[2..]]);
        Assert.DoesNotContain("bit for bit", compared.Output, StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetDirectories(Path.Combine(made, "runs")).Length);
    }

    [Fact]
    public async Task What_is_done_stays_and_what_is_half_done_goes_on_to_the_same_weights()
    {
        string made = folder.At("compared");
        string[] command = ["compare", Fashion, "--methods", "edgesplit,centralized", "--out", made, .. Small];
        await CommandLine.RunWellAsync(command);
        RunFolder whole = RunFolder.Open(Path.Combine(made, "runs", "edgesplit-seed1")), half = RunFolder.Open(Path.Combine(made, "runs", "centralized-seed1"));
        DateTime untouched = File.GetLastWriteTimeUtc(whole.ModelPath);
        byte[] weights = await File.ReadAllBytesAsync(half.ModelPath, TestContext.Current.CancellationToken);
        string[] events = await File.ReadAllLinesAsync(half.EventsPath, TestContext.Current.CancellationToken);
        int judged = Array.FindIndex(events, line => line.Contains("\"event\":\"evaluated\"", StringComparison.Ordinal));
        await File.WriteAllTextAsync(half.EventsPath, string.Join('\n', events[..(judged + 1)]) + "\n", TestContext.Current.CancellationToken);
        File.Delete(half.Checkpoints.PathOf(2));
        File.Delete(half.ModelPath);

        CommandLine again = await CommandLine.RunWellAsync(command);
        Assert.Contains("edgesplit-seed1 is done already", again.Output, StringComparison.Ordinal);
        Assert.Contains("centralized-seed1: goes on after round 1", again.Output, StringComparison.Ordinal);
        Assert.Equal(untouched, File.GetLastWriteTimeUtc(whole.ModelPath));
        Assert.Equal(weights, await File.ReadAllBytesAsync(half.ModelPath, TestContext.Current.CancellationToken));
        (await CommandLine.RunAsync([.. command, "--set", "training.batch=8"])).AssertRefused("a comparison of another experiment is in this folder");
    }

    [Fact]
    public async Task Killed_half_way_it_goes_on_to_the_same_tables()
    {
        string[] Command(string made) => ["compare", Fashion, "--methods", "edgesplit,psl,centralized", "--out", folder.At(made), .. Small, "--set", "training.rounds=4", "--set", "compute.lanes=1"];
        using (CommandProcess process = CommandProcess.Start(Command("killed")))
        {
            string? line;
            do
                line = await process.Output.ReadLineAsync(TestContext.Current.CancellationToken);
            while (line?.Contains("psl-seed1: round 2/4", StringComparison.Ordinal) == false);
            process.Destroy();
            await process.EndAsync(TestContext.Current.CancellationToken);
            Assert.NotNull(line);
        }

        Assert.False(File.Exists(folder.At(Path.Combine("killed", "comparison.json"))));
        CommandLine again = await CommandLine.RunWellAsync(Command("killed")), whole = await CommandLine.RunWellAsync(Command("whole"));
        Assert.Contains("edgesplit-seed1 is done already", again.Output, StringComparison.Ordinal);
        Assert.Matches("psl-seed1: goes on after round [1-3]", again.Output);
        Assert.Equal(Table(whole), Table(again));
        foreach (string name in (string[])["comparison.csv", "comparison.json"])
            Assert.Equal(await TextAsync("whole", name), await TextAsync("killed", name));

        static string Table(CommandLine ran) => ran.Output[ran.Output.IndexOf("\nmethod ", StringComparison.Ordinal)..ran.Output.IndexOf("Everything is in", StringComparison.Ordinal)];
        Task<string> TextAsync(string made, string name) => File.ReadAllTextAsync(folder.At(Path.Combine(made, name)), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Time_alone_needs_no_training_and_knows_every_clock()
    {
        CommandLine timed = await CommandLine.RunWellAsync("compare", Repository.PathOf("examples", "home-fleet.yaml"), "--time-only", "--format", "json");
        using JsonDocument json = JsonDocument.Parse(timed.Output);
        JsonElement[] methods = [.. json.RootElement.GetProperty("methods").EnumerateArray()];
        Assert.Equal(ComparisonRequest.TimeableMethods, methods.Select(method => method.GetProperty("method").GetString()!));
        double Round(string method) => methods.First(one => one.GetProperty("method").GetString() == method).GetProperty("roundSeconds").GetDouble();
        Assert.True(Round("edgesplit") <= Round("splitfed-v1"));
        Assert.True(Round("splitfed-v1") <= Round("splitfed-v2"));
        Assert.True(Round("splitfed-v1") <= Round("split"));
    }

    [Fact]
    public async Task A_file_of_any_method_may_be_compared_and_deadlines_are_left_out()
    {
        CommandLine timed = await CommandLine.RunWellAsync(
            "compare", Fashion, "--set", "plan=null", "--set", "training.method=fedavg", "--set", "training.deadline=3x", "--time-only", "--methods", "edgesplit,fedavg");
        Assert.Contains("edgesplit  per device, by edgesplit", timed.Output, StringComparison.Ordinal);
        Assert.Contains("Deadlines and minimum numbers of devices are left out", timed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_fault_of_a_request_is_told_at_once()
    {
        (await CommandLine.RunAsync("compare", Fashion, "--methods", "edgesplit,fedavgg,edgesplit", "--seeds", "0", "--target", "88", "--cut", "0")).AssertRefused(
            "did you mean 'fedavg'?", "'edgesplit' is there twice", "0 is no number of seeds", "88 is no accuracy", "0 is no cut");
        (await CommandLine.RunAsync("compare", Repository.PathOf("examples", "four-devices.yaml"), "--time-only")).AssertRefused(
            "the bandwidth that all devices share is not known", "'sensor'", "'raspberry-pi'", "'phone'", "'laptop'");
        (await CommandLine.RunAsync("report", folder.At("nothing"))).AssertRefused("there is no such folder");
    }

    [Fact]
    public async Task A_run_has_a_report_too_with_what_its_data_tells()
    {
        string run = folder.At("run");
        await CommandLine.RunWellAsync(["train", Fashion, "--out", run, .. Small]);
        await CommandLine.RunWellAsync("report", run, "--out", folder.At("page"));
        IReadOnlyDictionary<string, System.Xml.Linq.XElement> charts =
            ReportPages.AssertSound(await File.ReadAllTextAsync(folder.At(Path.Combine("page", "report.html")), TestContext.Current.CancellationToken));
        Assert.Equal(
            ["accuracy-over-rounds", "accuracy-over-time", "breakdown-edgesplit", "classes", "cuts", "loss-over-rounds", "round-times", "timeline-edgesplit"],
            charts.Keys.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string?> FiguresIn(string folder, string pattern) =>
        Directory.GetFiles(Path.Combine(folder, "figures"), pattern).Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal);

    [Fact]
    public async Task Interrupted_it_keeps_what_is_done_and_goes_on_from_there()
    {
        string made = folder.At("compared");
        string[] command = ["compare", Fashion, "--methods", "edgesplit,centralized", "--out", made, .. Small, "--set", "training.rounds=200", "--set", "compute.lanes=1"];
        using CommandProcess process = CommandProcess.Start(command);
        string? line;
        do
            line = await process.Output.ReadLineAsync(TestContext.Current.CancellationToken);
        while (line?.Contains("round 1/200", StringComparison.Ordinal) == false);
        process.Interrupt();
        string rest = await process.Output.ReadToEndAsync(TestContext.Current.CancellationToken);
        string error = await process.Error.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, await process.EndAsync(TestContext.Current.CancellationToken));
        Assert.Contains("Stopped before all trainings were done", error, StringComparison.Ordinal);
        Assert.Contains("edgesplit-seed1: stopped", rest, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(made, "runs", "centralized-seed1")));
        (await CommandLine.RunAsync("report", made)).AssertRefused("there is no finished comparison in this folder");
    }
}
