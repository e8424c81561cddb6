using EdgeSplit.Tests.Torch;
using EdgeSplit.Training;
using EdgeSplit.Wire.Protocol;

namespace EdgeSplit.Tests.Hostile;

/// <summary>
/// A device of the fleet that breaks the rules: its session ends with the reason, and the others come to the weights they come to
/// without it.
/// </summary>
[Collection(TorchCollection.Name)]
public class HostileDeviceTests
{
    [Fact]
    public async Task Whatever_a_device_does_it_is_told_why_it_is_out_and_the_others_train_as_if_it_were_not_there()
    {
        string experiment = Experiment(rounds: Violations.All.Count);
        using FleetProcesses fleet = await FleetProcesses.StartAsync(experiment, ["a", "b", "mallory"]);
        fleet.StartDevices("a", "b");
        List<string> told = [];
        foreach ((string name, string reason, Func<HostileDevice, FrameHeader, Task> act) in Violations.All)
        {
            using HostileDevice mallory = await HostileDevice.JoinAsync(fleet.SecurityOf("mallory"), "mallory");
            await act(mallory, await mallory.StartRoundAsync());
            Error? error = await mallory.ReadErrorAsync();
            if (error?.Reason.Contains(reason, StringComparison.Ordinal) != true && reason.Length > 0)
                told.Add($"{name}: {error}");
        }

        await fleet.FinishAsync();
        Assert.Empty(told);
        IEnumerable<DeviceLeftOut> leftOut = fleet.Events.OfType<DeviceLeftOut>();
        Assert.All(leftOut, each => Assert.Equal("mallory", each.Device));
        Assert.Equal(Enumerable.Range(1, Violations.All.Count), leftOut.Select(each => each.Round));
        Assert.Equal(LeftOutReason.NotFinite, leftOut.Last().Reason);
        Assert.All(leftOut.SkipLast(1), each => Assert.Equal(LeftOutReason.ProtocolViolation, each.Reason));
        Assert.Equal(await WithoutMalloryAsync(experiment), fleet.Model);
    }

    [Fact]
    public async Task Half_a_frame_and_then_silence_costs_the_others_no_more_than_the_rounds_deadline()
    {
        string experiment = Experiment(rounds: 1, deadline: "20 s");
        using FleetProcesses fleet = await FleetProcesses.StartAsync(experiment, ["a", "b", "mallory"]);
        fleet.StartDevices("a", "b");
        using HostileDevice mallory = await HostileDevice.JoinAsync(fleet.SecurityOf("mallory"), "mallory");
        await mallory.StartRoundAsync();
        await mallory.SendAsync(new byte[] { 100, 0, 0, 0, 1, 2, 3 }, isWhole: false);
        await fleet.FinishAsync();
        DeviceLeftOut leftOut = Assert.Single(fleet.Events.OfType<DeviceLeftOut>());
        Assert.Equal(("mallory", LeftOutReason.Late), (leftOut.Device, leftOut.Reason));
        Assert.Equal(await WithoutMalloryAsync(experiment), fleet.Model);
    }

    private static string Experiment(int rounds, string deadline = "none") => $$"""
        name: besieged
        model: lenet5
        data: { source: fashion-mnist, trainSamples: 300, testSamples: 50 }
        training: { rounds: {{rounds}}, localSteps: 2, batch: 16, minimumDevices: 2, deadline: {{deadline}} }
        fleet: { devices: [{ name: a, cut: 2 }, { name: b, cut: 1 }, { name: mallory, cut: 1 }] }
        """;

    private static async Task<byte[]> WithoutMalloryAsync(string experiment)
    {
        using FleetProcesses fleet = await FleetProcesses.StartAsync(experiment, ["a", "b"], "--wait", "2");
        fleet.StartDevices("a", "b");
        await fleet.FinishAsync();
        return fleet.Model;
    }
}
