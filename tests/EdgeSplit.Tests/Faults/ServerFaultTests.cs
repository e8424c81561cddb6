using EdgeSplit.Experiments.Runs;
using EdgeSplit.Numerics;
using EdgeSplit.Tests.Cli;
using EdgeSplit.Tests.Torch;
using EdgeSplit.Training;

namespace EdgeSplit.Tests.Faults;

/// <summary>A server that is killed, or whose disk fills up: the run goes on from its last round, to the same weights.</summary>
[Collection(TorchCollection.Name)]
public sealed class ServerFaultTests
{
    private const string Experiment = """
        name: faults
        seed: 6
        model: lenet5
        data: { source: fashion-mnist, trainSamples: 600, testSamples: 50 }
        training: { rounds: ROUNDS, localSteps: 4, batch: 16, optimizer: { kind: sgd, momentum: 0.9 }, learningRate: 0.02, evaluateEvery: 3 }
        fleet: { devices: [{ name: a, cut: 1 }, { name: b, cut: 3 }, { name: c, cut: 5 }] }
        """;

    /// <summary>How often the server is killed; EDGESPLIT_KILLS for more.</summary>
    private static int Kills =>
        int.TryParse(Environment.GetEnvironmentVariable("EDGESPLIT_KILLS"), System.Globalization.CultureInfo.InvariantCulture, out int kills) ? kills : 3;

    [Fact]
    public async Task A_server_killed_again_and_again_comes_to_the_weights_of_one_that_never_was()
    {
        // Between two kills a round or two are done.
        int rounds = (2 * Kills) + 3, killed = 0;
        await using ProcessFleet fleet = await ProcessFleet.StartAsync(Experiment.Replace("ROUNDS", $"{rounds}", StringComparison.Ordinal));
        fleet.StartDevices(fleet.Names);
        await fleet.UntilAsync(happened => happened is RoundStarted);
        SeededRandom random = new((ulong)Kills);
        for (int kill = 0; kill < Kills; kill++)
        {
            // An instant of one of the links: while the others compute, send or receive, or the server averages or writes.
            string link = fleet.Names[random.NextInt(fleet.Names.Length)];
            TaskCompletionSource instant = new(TaskCreationOptions.RunContinuationsAsynchronously);
            fleet.LinkOf(link).WhenUp(fleet.LinkOf(link).BytesUp + 1 + random.NextInt(350_000), () =>
            {
                fleet.KillServer();
                instant.SetResult();
            });
            await Task.WhenAny(instant.Task, fleet.EndAsync());
            if (!instant.Task.IsCompleted)
                break;
            killed++;
            await fleet.EndAsync();
            await fleet.ResumeServerAsync();
        }

        byte[] model = await fleet.FinishAsync();
        Assert.Equal(await fleet.TrainAloneAsync(), model);
        Assert.Equal(Enumerable.Range(1, rounds), fleet.Events.OfType<RoundFinished>().Select(round => round.Round));
        Assert.Equal(Kills, killed);
    }

    [Fact]
    public async Task Servers_and_devices_killed_at_any_instant_and_started_again_come_to_the_weights_of_a_run_that_never_was_disturbed()
    {
        int rounds = (2 * Kills) + 3, killed = 0;
        await using ProcessFleet fleet = await ProcessFleet.StartAsync(Experiment.Replace("ROUNDS", $"{rounds}", StringComparison.Ordinal));
        fleet.StartDevices(fleet.Names);
        await fleet.UntilAsync(happened => happened is RoundStarted);
        SeededRandom random = new((ulong)Kills + 60);
        for (int kill = 0; kill < Kills; kill++)
        {
            string link = fleet.Names[random.NextInt(fleet.Names.Length)];
            string? victim = random.NextInt(3) == 0 ? null : fleet.Names[random.NextInt(fleet.Names.Length)];
            TaskCompletionSource instant = new(TaskCreationOptions.RunContinuationsAsynchronously);
            fleet.LinkOf(link).WhenUp(fleet.LinkOf(link).BytesUp + 1 + random.NextInt(350_000), () =>
            {
                if (victim is null)
                    fleet.KillServer();
                else
                    fleet.Device(victim).Destroy();
                instant.SetResult();
            });
            Task ended = fleet.EndAsync();
            await Task.WhenAny(instant.Task, ended);
            if (!instant.Task.IsCompleted)
                break;
            killed++;
            if (victim is null)
            {
                await ended;
                await fleet.ResumeServerAsync();
            }
            else
            {
                fleet.Replace(victim);
            }
        }

        byte[] model = await fleet.FinishAsync();
        Assert.Equal(await fleet.TrainAloneAsync(), model);
        Assert.Equal(Enumerable.Range(1, rounds), fleet.Events.OfType<RoundFinished>().Select(round => round.Round));
        Assert.Equal(Kills, killed);
        TestContext.Current.TestOutputHelper?.WriteLine($"{killed} kills of server and devices, {rounds} rounds: the weights of train");
    }

    /// <summary>Whatever the server waits for: here a device that stands still in the middle of a round.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_is_asked_to_end_says_that_it_only_stops_and_its_devices_come_back_when_it_goes_on(bool hangUp)
    {
        await using ProcessFleet fleet = await ProcessFleet.StartAsync(Experiment.Replace("ROUNDS", "40", StringComparison.Ordinal));
        fleet.StartDevices(fleet.Names);
        await fleet.UntilAsync(happened => happened is RoundFinished { Round: 2 });
        fleet.Device("b").Stop();
        if (hangUp)
            fleet.Server.HangUp();
        else
            fleet.Server.Terminate();
        Assert.Equal(0, await fleet.EndAsync());
        fleet.Device("b").Continue();
        Assert.Contains("a: The server stops before the run is over; it may go on with it later; trying again for 600 s", fleet.Printed, StringComparison.Ordinal);
        Assert.Equal(RunEnd.Cancelled, Assert.IsType<RunFinished>(fleet.Events[^1]).Reason);

        await fleet.ResumeServerAsync();
        Assert.Equal(await fleet.FinishAsync(), await fleet.TrainAloneAsync());
    }

    [Fact]
    public async Task A_server_that_waits_for_devices_ends_when_it_is_asked_to_and_leaves_no_folder_behind()
    {
        await using ProcessFleet fleet = await ProcessFleet.StartAsync(Experiment.Replace("ROUNDS", "8", StringComparison.Ordinal));
        fleet.StartDevices("a");
        fleet.Server.Terminate();
        Assert.Equal(1, await fleet.EndAsync());
        Assert.Contains("server: error: stopped before it was done", fleet.Printed, StringComparison.Ordinal);
        Assert.False(Directory.Exists(fleet.RunLocation));
        fleet.Device("a").HangUp();
        Assert.Equal(1, await fleet.Device("a").EndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_planned_run_whose_server_was_killed_goes_on_with_its_plan_though_the_fleet_is_measured_anew()
    {
        // Nothing is known of the devices: each start of the server measures them.
        await using ProcessFleet fleet = await ProcessFleet.StartAsync(Experiment.Replace("ROUNDS", "6", StringComparison.Ordinal)
            .Replace(", cut: 1", "", StringComparison.Ordinal).Replace(", cut: 3", "", StringComparison.Ordinal).Replace(", cut: 5", "", StringComparison.Ordinal)
            .Replace("fleet: {", "plan: { policy: edgesplit, replanOver: 0 }\nfleet: { bandwidth: 100 Mbps,", StringComparison.Ordinal));
        fleet.StartDevices(fleet.Names);
        await fleet.UntilAsync(happened => happened is RoundStarted { Round: 3 });
        fleet.KillServer();
        await fleet.EndAsync();
        RoundPlanned before = Assert.Single(fleet.Events.OfType<RoundPlanned>());
        await fleet.ResumeServerAsync();
        byte[] model = await fleet.FinishAsync();

        Assert.Single(fleet.Events.OfType<RunResumed>());
        Assert.Equal(RunEvents.ToLine(before), RunEvents.ToLine(Assert.Single(fleet.Events.OfType<RoundPlanned>())));
        Assert.Single(fleet.Run.ReadPlan());
        Assert.All(fleet.Events.OfType<RoundStarted>(), round => Assert.Equal(before.Devices.Select(device => device.Cut), round.Cuts));
        Assert.Equal(await fleet.TrainAloneAsync("cut: 2"), model);
    }

    [Fact]
    public async Task A_disk_that_fills_up_ends_the_run_with_a_reason_and_what_there_is_goes_on_once_there_is_room()
    {
        await using ProcessFleet fleet = await ProcessFleet.StartAsync(
            Experiment.Replace("ROUNDS", "8", StringComparison.Ordinal), arguments => CommandProcess.StartWithLittleDisk(200, arguments));
        fleet.StartDevices(fleet.Names);
        int status = await fleet.EndAsync();
        Assert.Equal(1, status);
        Assert.Contains("the run ended because it could not be written", fleet.Printed, StringComparison.Ordinal);
        foreach (string name in fleet.Names)
            Assert.Equal(1, await fleet.Device(name).EndAsync(TestContext.Current.CancellationToken));

        await fleet.ResumeServerAsync();
        fleet.StartDevices(fleet.Names);
        Assert.Equal(await fleet.FinishAsync(), await fleet.TrainAloneAsync());
    }
}
