using System.Text.Json;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Tests.Data;
using EdgeSplit.Tests.Torch;
using EdgeSplit.Training;

namespace EdgeSplit.Tests.Cli;

/// <summary>Planning an experiment's fleet, and training by the plan.</summary>
[Collection(TorchCollection.Name)]
public sealed class PlannedExperimentTests : IDisposable
{
    private static readonly string Fashion = Repository.PathOf("examples", "fashion-fleet.yaml");
    private static readonly string Home = Repository.PathOf("examples", "home-fleet.yaml");
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_text_explains_cut_by_cut_and_compares_every_policy()
    {
        CommandLine planned = await CommandLine.RunWellAsync("plan", Home, "--compare", "--svg", folder.At("round.svg"));
        Assert.Contains("What bounds it: the shares of 'bandwidth'.", planned.Output, StringComparison.Ordinal);
        Assert.Contains("Costs of device classes are estimates", planned.Output, StringComparison.Ordinal);
        Assert.Matches(@"\njetson +6 features\.18 +[0-9.]+ s +[0-9.]+ Mbps", planned.Output);
        foreach (string policy in new[] { "edgesplit", "optimal", "uniform", "equal-shares", "full-local" })
            Assert.Matches($@"\n{policy} +(optimal|feasible) +[0-9.]+ (s|min)", planned.Output);
        Assert.Equal("svg", System.Xml.Linq.XDocument.Load(folder.At("round.svg")).Root!.Name.LocalName);
    }

    [Fact]
    public async Task The_json_is_the_contract()
    {
        using JsonDocument plan = JsonDocument.Parse((await CommandLine.RunWellAsync("plan", Home, "--format", "json", "--policy", "uniform")).Output);
        Assert.Equal("uniform", plan.RootElement.GetProperty("policy").GetString());
        JsonElement[] devices = [.. plan.RootElement.GetProperty("devices").EnumerateArray()];
        Assert.Single(devices.Select(device => device.GetProperty("cut").GetInt32()).Distinct());
        Assert.Equal(200e6, devices.Sum(device => device.GetProperty("shares").GetProperty("bandwidth").GetDouble()), 1.0);
    }

    [Theory]
    [InlineData("fixed:3", 3)]
    [InlineData("full-local", 9)]
    public async Task A_policy_on_the_command_line_goes_before_the_experiments(string policy, int cut)
    {
        using JsonDocument plan = JsonDocument.Parse((await CommandLine.RunWellAsync("plan", Home, "--format", "json", "--policy", policy)).Output);
        Assert.All(plan.RootElement.GetProperty("devices").EnumerateArray(), device => Assert.Equal(cut, device.GetProperty("cut").GetInt32()));
    }

    [Fact]
    public async Task Cuts_that_the_file_gives_are_planned_as_they_are_and_compared()
    {
        string file = folder.At("given.yaml");
        await File.WriteAllTextAsync(file, """
            model: lenet5
            data: { source: synthetic, shape: 1x28x28, trainSamples: 1000 }
            fleet: { bandwidth: 20 Mbps, devices: [{ name: a, class: phone, cut: 2 }, { name: b, class: laptop, cut: 3 }] }
            """, TestContext.Current.CancellationToken);
        CommandLine planned = await CommandLine.RunWellAsync("plan", file, "--compare");
        Assert.Contains("Plan by the policy file for 2 devices", planned.Output, StringComparison.Ordinal);
        Assert.Matches(@"\nfile +feasible .* 2 3\n", planned.Output);
    }

    [Fact]
    public async Task Simulated_rounds_stand_beside_the_claim()
    {
        CommandLine simulated = await CommandLine.RunWellAsync("simulate", Home, "--rounds", "2");
        Assert.Matches(@"claims ([0-9.]+) s a round, [0-9.]+ s for 2\.", simulated.Output);
        Assert.Equal(2, simulated.Output.Split('\n').Count(line => line.StartsWith("idle ones lent", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_fleet_without_costs_or_with_a_wrong_profile_is_bad_input_all_of_it()
    {
        (await CommandLine.RunAsync("plan", Repository.PathOf("examples", "four-devices.yaml"))).AssertRefused(
            "the bandwidth that all devices share is not known", "'sensor'", "'raspberry-pi'", "'phone'", "'laptop'");
        await File.WriteAllTextAsync(folder.At("other.json"), """
            { "network": "x", "machine": "m", "batchSize": 1, "blocks": [ { "name": "a", "forwardSeconds": 1, "backwardSeconds": 1, "stepSeconds": 1 } ] }
            """, TestContext.Current.CancellationToken);
        string[] wrong = ["--set", $"fleet.devices[0]={{ name: a, profile: {folder.At("none.json")} }}", "--set", $"fleet.devices[1]={{ name: b, profile: {folder.At("other.json")} }}"];
        (await CommandLine.RunAsync(["plan", Home, .. wrong])).AssertRefused("its profile cannot be read");
        (await CommandLine.RunAsync(["plan", Home, .. wrong[2..]])).AssertRefused("its profile has 1 blocks and vgg11 has 9");
        (await CommandLine.RunAsync("train", Home, "--out", folder.At("run"), "--set", "fleet.bandwidth=null")).AssertRefused("add fleet.bandwidth");
        Assert.False(Directory.Exists(folder.At("run")));
    }

    [Fact]
    public async Task A_device_for_which_no_cut_is_feasible_is_named_and_excluded_only_on_request()
    {
        string[] small = ["--set", "fleet.devices[1].memory=1 KiB"];
        CommandLine planned = await CommandLine.RunAsync(["plan", Home, .. small]);
        Assert.Equal(3, planned.Status);
        Assert.Contains("jetson: no cut is feasible", planned.Output, StringComparison.Ordinal);
        CommandLine trained = await CommandLine.RunAsync(["train", Home, "--out", folder.At("run"), .. small]);
        Assert.Equal((3, ""), (trained.Status, trained.Output));
        Assert.Contains("jetson: no cut is feasible", trained.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.At("run")));

        planned = await CommandLine.RunWellAsync(["plan", Home, .. small, "--set", "plan.excludeInfeasible=true"]);
        Assert.Contains("excluded: jetson", planned.Error, StringComparison.Ordinal);
        Assert.Contains("for 3 devices", planned.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Training_by_a_plan_records_it_and_gives_federated_averagings_weights()
    {
        string[] common = ["--set", "training.rounds=2", "--set", "training.localSteps=2", "--set", "data.trainSamples=400", "--set", "data.testSamples=50"];
        string planned = folder.At("planned"), whole = folder.At("whole");
        await CommandLine.RunWellAsync(["train", Fashion, "--out", planned, .. common]);
        await CommandLine.RunWellAsync(["train", Fashion, "--out", whole, "--set", "training.method=fedavg", "--set", "fleet.devices[0].memory=1 GiB", .. common]);

        RunFolder run = RunFolder.Open(planned);
        RoundPlan plan = run.ReadPlan()[0];
        Assert.Equal((1, "edgesplit", "the first plan", true), (plan.FromRound, plan.Policy, plan.Reason, plan.IsEstimate));
        Assert.Equal(["camera", "hub", "kiosk", "robot"], plan.Devices.Select(device => device.Name));
        Assert.True(plan.Devices.Select(device => device.Cut).Distinct().Count() > 1);
        Assert.Equal(50e6, plan.Devices.Sum(device => device.Shares!["bandwidth"]), 1.0);
        RoundPlanned told = Assert.Single(run.ReadEvents().OfType<RoundPlanned>(), happened => happened.Round == 1);
        Assert.Equal(plan.RoundSeconds, told.RoundSeconds);
        Assert.Equal(plan.Devices.Select(device => device.Cut), run.ReadEvents().OfType<RoundStarted>().First().Cuts);
        Assert.Equal(await File.ReadAllBytesAsync(RunFolder.Open(whole).ModelPath, TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(run.ModelPath, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Where_other_devices_take_part_each_round_has_its_plan()
    {
        string run = folder.At("run");
        await CommandLine.RunWellAsync(
            "train", Fashion, "--out", run, "--set", "training.participation=0.5", "--set", "training.rounds=4", "--set", "training.localSteps=1",
            "--set", "data.trainSamples=200", "--set", "data.testSamples=20");
        IReadOnlyList<RunEvent> events = RunFolder.Open(run).ReadEvents();
        foreach (RoundStarted round in events.OfType<RoundStarted>())
        {
            RoundPlanned plan = events.OfType<RoundPlanned>().Last(planned => planned.Round <= round.Round);
            Assert.Equal(round.Participants, plan.Devices.Select(device => device.Name));
            Assert.Equal(round.Cuts, plan.Devices.Select(device => device.Cut));
        }

        Assert.Equal(events.OfType<RoundPlanned>().Select(plan => plan.Round), RunFolder.Open(run).ReadPlan().Select(plan => plan.FromRound));
    }
}
