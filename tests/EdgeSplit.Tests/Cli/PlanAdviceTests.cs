using System.Text.RegularExpressions;
using EdgeSplit.Tests.Data;

namespace EdgeSplit.Tests.Cli;

public sealed partial class PlanAdviceTests : IDisposable
{
    private const string Fleet = """
        model: lenet5
        data: { source: synthetic, shape: 1x28x28, trainSamples: 4000, testSamples: 10 }
        training: { rounds: 3, batch: 32 }
        fleet:
          bandwidth: 100 Mbps
          devices:
            - { name: weak, class: milk-v-mars, uplink: 5 kbps, downlink: 10 kbps, latency: 2 s }
            - { name: laptop, count: 3, class: laptop, latency: 5 ms }
        plan: edgesplit
        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_slowest_device_is_named_with_what_a_round_takes_without_it()
    {
        string whole = await PlanAsync(Fleet), without = await PlanAsync(Fleet.Replace("    - { name: weak", "    # ", StringComparison.Ordinal));
        string figure = RoundOf().Match(without).Groups[1].Value;
        Assert.Matches($@"\nwithout weak +{Regex.Escape(figure)} +[0-9.]+ %\n", whole);
        Assert.Matches(@"a round takes \d+ (min|h)", whole);
        // The best comes first.
        Assert.Matches(@"What would help most:\nchange +a round +of now\nwithout weak", whole);
    }

    [Fact]
    public async Task Each_figure_is_that_of_the_changed_experiment()
    {
        string crowded = Fleet.Replace("100 Mbps", "2 Mbps", StringComparison.Ordinal).Replace("    - { name: weak", "    # ", StringComparison.Ordinal)
            .Replace("plan: edgesplit", "plan: { policy: \"fixed:2\" }", StringComparison.Ordinal);
        string advice = await PlanAsync(crowded);
        string half = RoundOf().Match(await PlanAsync(crowded, "--set", "training.encoding=bf16")).Groups[1].Value;
        string twice = RoundOf().Match(await PlanAsync(crowded, "--set", "fleet.bandwidth=4 Mbps")).Groups[1].Value;
        Assert.Matches($@"\ntraining\.encoding: bf16 +{Regex.Escape(half)} ", advice);
        Assert.Matches($@"\ntwice the shared link +{Regex.Escape(twice)} ", advice);
        Assert.DoesNotContain("without", advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_helps_by_little_is_not_advised()
    {
        string even = """
            model: lenet5
            data: { source: synthetic, shape: 1x28x28, trainSamples: 4000, testSamples: 10 }
            fleet: { bandwidth: 100 Gbps, devices: [ { name: d, count: 4, class: orange-pi-cm4 } ] }
            plan: edgesplit
            """;
        Assert.DoesNotContain("What would help", await PlanAsync(even), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1e9")]
    public async Task A_time_limit_that_is_none_is_refused(string seconds) =>
        (await CommandLine.RunAsync("plan", Write(Fleet), "--time-limit", seconds)).AssertRefused("give seconds over 0, up to 1000000");

    [Fact]
    public async Task A_plan_cut_short_says_so_and_gives_no_advice()
    {
        string problem = folder.At("many.json");
        string demand = string.Join(",", Enumerable.Range(0, 60).Select(index => $"\"r{index}\":{index + 1}"));
        await File.WriteAllTextAsync(
            problem,
            $$"""
            {"resources":[{{string.Join(",", Enumerable.Range(0, 60).Select(index => $"{{\"name\":\"r{index}\",\"capacity\":1}}"))}}],
             "devices":[{{string.Join(",", Enumerable.Range(0, 9).Select(device => $"{{\"name\":\"d{device}\",\"cuts\":[{{\"cut\":1,\"fixedSeconds\":{device},\"demand\":{{{demand}}}}},{{\"cut\":2,\"fixedSeconds\":{3 * device},\"demand\":{{\"r{device}\":5}}}}]}}"))}}]}
            """, TestContext.Current.CancellationToken);
        CommandLine plan = await CommandLine.RunWellAsync("plan", problem, "--time-limit", "1e-6");
        Assert.Contains("planning met its time limit of 0.000001 s", plan.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("What would help", plan.Output, StringComparison.Ordinal);
        Assert.Contains("\"timeLimitMetSeconds\": 1E-06", (await CommandLine.RunWellAsync("plan", problem, "--time-limit", "1e-6", "--format", "json")).Output, StringComparison.Ordinal);
    }

    private async Task<string> PlanAsync(string experiment, params string[] more) =>
        (await CommandLine.RunWellAsync(["plan", Write(experiment), .. more])).Output;

    private string Write(string experiment)
    {
        string path = folder.At("e.yaml");
        File.WriteAllText(path, experiment);
        return path;
    }

    [GeneratedRegex(@"a round takes ([^.]*(?:\.\d+ s)?)\.\n")]
    private static partial Regex RoundOf();
}
