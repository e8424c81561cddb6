using EdgeSplit.Tests.Cli;
using EdgeSplit.Tests.Torch;
using EdgeSplit.Training;

namespace EdgeSplit.Tests.Faults;

/// <summary>Devices that die, stand still or lose their link, as real processes: the others go on, and nothing is lost.</summary>
[Collection(TorchCollection.Name)]
public sealed class DeviceFaultTests
{
    /// <summary>One that sends much in a round, one that sends much at its end, one that computes all of it itself.</summary>
    private const string Experiment = """
        name: faults
        seed: 5
        model: lenet5
        data: { source: fashion-mnist, trainSamples: 600, testSamples: 50 }
        training: { rounds: 6, localSteps: 4, batch: 16, optimizer: { kind: sgd, momentum: 0.9 }, learningRate: 0.02, evaluateEvery: 6 }
        fleet: { devices: [{ name: sends, cut: 1 }, { name: ends, cut: 3 }, { name: computes, cut: 5 }] }
        """;

    [Fact]
    public async Task A_device_killed_at_any_instant_and_started_again_changes_no_bit()
    {
        await using ProcessFleet fleet = await ProcessFleet.StartAsync(Experiment);
        fleet.StartDevices(fleet.Names);
        // In this order, each once the one before is back at work: half a mini-batch is up, half a gradient is down, half the
        // device-side weights are up at a round's end, half of them are down at its start, and in the middle of its work: it has just said
        // that it has all of the weights.
        await fleet.UntilAsync(happened => happened is RoundStarted { Round: 1 });
        await KilledWhenAsync(fleet, "sends", (link, kill) => link.WhenUp(link.BytesUp + 100_000, kill));
        await KilledWhenAsync(fleet, "sends", (link, kill) => link.WhenDown(link.BytesDown + 100_000, kill));
        await KilledWhenAsync(fleet, "ends", (link, kill) => link.WhenUp(link.BytesUp + 100_000, kill));
        await KilledWhenAsync(fleet, "ends", (link, kill) => link.WhenDown(link.BytesDown + 100_000, kill));
        await KilledWhenAsync(fleet, "computes", (link, kill) =>
            link.WhenDown(link.BytesDown + 240_000, () => link.WhenUp(link.BytesUp + 1, kill)));
        byte[] model = await fleet.FinishAsync();

        Assert.Equal(await fleet.TrainAloneAsync(), model);
        Assert.True(fleet.Events.OfType<DeviceLost>().Count() >= 4, fleet.Printed);
        Assert.DoesNotContain(fleet.Events, happened => happened is DeviceLeftOut);
    }

    [Fact]
    public async Task A_device_that_leaves_in_the_middle_of_a_round_and_is_started_again_changes_no_bit()
    {
        await using ProcessFleet fleet = await ProcessFleet.StartAsync(Experiment);
        fleet.StartDevices(fleet.Names);
        await fleet.UntilAsync(happened => happened is RoundStarted { Round: 2 });
        // It has begun with its part of the round, and says goodbye: its link is closed, not lost.
        TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
        fleet.LinkOf("sends").WhenUp(fleet.LinkOf("sends").BytesUp + 1, () =>
        {
            fleet.Device("sends").Interrupt();
            left.SetResult();
        });
        await left.Task.WaitAsync(TestContext.Current.CancellationToken);
        await fleet.Device("sends").EndAsync(TestContext.Current.CancellationToken);
        fleet.Replace("sends");
        byte[] model = await fleet.FinishAsync();

        Assert.Equal(await fleet.TrainAloneAsync(), model);
        Assert.DoesNotContain(fleet.Events, happened => happened is DeviceLeftOut);
        Assert.InRange(fleet.Events.OfType<DeviceLost>().Count(), 0, 1);
    }

    [Fact]
    public async Task A_device_that_stands_still_past_the_deadline_misses_that_round_and_is_back_in_a_later_one()
    {
        await using ProcessFleet fleet = await ProcessFleet.StartAsync(Experiment
            .Replace("evaluateEvery: 6", "evaluateEvery: 6, deadline: 4 s, minimumDevices: 2", StringComparison.Ordinal)
            .Replace("rounds: 6", "rounds: 40", StringComparison.Ordinal));
        fleet.StartDevices(fleet.Names);
        await fleet.UntilAsync(happened => happened is RoundFinished { Round: >= 2 });
        fleet.Device("ends").Stop();
        await fleet.UntilAsync(happened => happened is DeviceLeftOut { Device: "ends", Reason: LeftOutReason.Late });
        fleet.Device("ends").Continue();
        await fleet.UntilAsync(happened => happened is DeviceFinished { Device: "ends" });
        await fleet.FinishAsync();

        DeviceLeftOut[] missed = [.. fleet.Events.OfType<DeviceLeftOut>()];
        Assert.All(missed, one => Assert.Equal("ends", one.Device));
        Assert.Contains(fleet.Events.OfType<DeviceFinished>(), finished => finished.Device == "ends" && finished.Round > missed[0].Round);
        Assert.Equal(40, fleet.Events.OfType<RoundFinished>().Count());
    }

    [Fact]
    public async Task A_link_that_is_cut_for_a_while_costs_time_and_nothing_else()
    {
        await using ProcessFleet fleet = await ProcessFleet.StartAsync(Experiment);
        fleet.StartDevices(fleet.Names);
        TaskCompletionSource cut = new(TaskCreationOptions.RunContinuationsAsynchronously);
        fleet.LinkOf("sends").WhenUp(250_000, () =>
        {
            fleet.LinkOf("sends").Cut();
            cut.SetResult();
        });
        await cut.Task;
        // About five seconds, by the pauses between a device's attempts.
        await fleet.LinkOf("sends").RefusedAsync(count: 6);
        fleet.LinkOf("sends").Mend();
        byte[] model = await fleet.FinishAsync();

        Assert.Equal(await fleet.TrainAloneAsync(), model);
        Assert.DoesNotContain(fleet.Events, happened => happened is DeviceLost or DeviceLeftOut);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_second_process_with_a_token_takes_the_place_of_the_first_and_both_ends_say_so(bool whileAway)
    {
        await using ProcessFleet fleet = await ProcessFleet.StartAsync(Experiment.Replace("rounds: 6", "rounds: 40", StringComparison.Ordinal));
        fleet.StartDevices(fleet.Names);
        // Meanwhile the round waits for another device.
        await fleet.UntilAsync(happened => happened is RoundFinished { Round: 1 });
        fleet.Device("sends").Stop();
        if (whileAway)
            fleet.LinkOf("ends").Cut();
        using CommandProcess first = fleet.StartTwin("ends");
        if (whileAway)
        {
            // An older process whose link comes back does not take the place back.
            await fleet.UntilPrintedAsync("ends joined with", times: 2);
            fleet.LinkOf("ends").Mend();
        }

        Assert.Equal(1, await first.EndAsync(TestContext.Current.CancellationToken));
        fleet.Device("sends").Continue();
        Assert.Equal(await fleet.FinishAsync(), await fleet.TrainAloneAsync());
        Assert.Contains("ends: error: another process joined as 'ends' with the same token, from 127.0.0.1:", fleet.Printed, StringComparison.Ordinal);
        if (!whileAway)
            Assert.Contains("Another process joined as ends with the same token, from 127.0.0.1:", fleet.Printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_tells_of_each_round_and_ends_with_0_only_when_the_run_is_over()
    {
        await using ProcessFleet fleet = await ProcessFleet.StartAsync(Experiment);
        fleet.StartDevices(fleet.Names);
        await fleet.FinishAsync();
        string[] lines = [.. fleet.Printed.Split('\n').Where(line => line.StartsWith("ends: ", StringComparison.Ordinal))];
        Assert.Contains("ends: waiting for the server to begin a round", lines);
        Assert.Equal([1, 2, 3, 4, 5, 6], lines.Select(line => System.Text.RegularExpressions.Regex.Match(line, @"^ends: round (\d) done: 4 steps, cut 3 of 5, .* waiting for the next$"))
            .Where(match => match.Success).Select(match => int.Parse(match.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal("ends: The run is over.", lines[^1]);
    }

    /// <summary>Kills a device at an instant of its link, starts it again, and waits until it has finished a round.</summary>
    private static async Task KilledWhenAsync(ProcessFleet fleet, string device, Action<Loopback.TcpRelay, Action> arm)
    {
        TaskCompletionSource killed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        arm(fleet.LinkOf(device), () =>
        {
            fleet.Device(device).Destroy();
            killed.SetResult();
        });
        await killed.Task.WaitAsync(TestContext.Current.CancellationToken);
        fleet.Replace(device);
        await fleet.UntilAsync(happened => happened is DeviceFinished finished && finished.Device == device);
    }
}
