using EdgeSplit.Experiments;
using EdgeSplit.Planning.Costs;

namespace EdgeSplit.Tests.Experiments;

public class FleetKeysTests
{
    private const string Head = """
        model: lenet5
        data: { source: synthetic, shape: 1x28x28, trainSamples: 1000 }

        """;

    [Fact]
    public void A_fleet_is_read_in_the_units_people_write()
    {
        Experiment experiment = ExperimentFile.Parse(Head + """
            fleet:
              bandwidth: { uplink: 20 Mbps, downlink: 2.5 MB/s }
              server: { profile: server.json, lanes: 3 }
              devices:
                - { name: pi, count: 2, class: raspberry-pi-4, memory: 512 MiB, uplink: 10 Mbps, downlink: "1 Gbps", latency: 5 ms }
                - { name: laptop, profile: sub/laptop.json }
            plan: { policy: "fixed:2", replanOver: 0.5, lendIdleShares: true }
            """, "/data");

        Assert.Equal(new SharedBandwidth.Duplex(20e6, 20e6), experiment.Shared?.Bandwidth);
        Assert.Equal(new MachineConfig(null, Path.GetFullPath("/data/server.json")), experiment.Shared?.Server);
        Assert.Equal(3, experiment.Shared?.ServerLanes);
        Assert.Equal(["pi-1", "pi-2", "laptop"], experiment.Devices.Select(device => device.Name));
        DeviceConfig pi = experiment.Devices[1];
        Assert.Equal((new MachineConfig("raspberry-pi-4", null), 536870912.0, new LinkSpec(10e6, 1e9, 0.005)), (pi.Machine, pi.MemoryBytes, pi.Link));
        Assert.Equal(Path.GetFullPath("/data/sub/laptop.json"), experiment.Devices[2].Machine.ProfileFile);
        Assert.All(experiment.Devices, device => Assert.Null(device.Cut));
        Assert.Equal(new PlanConfig("fixed:2", 0.5, ExcludeInfeasible: false, LendIdleShares: true), experiment.Plan);
        Assert.Equal(experiment, ExperimentFile.Parse(ExperimentWriter.Write(experiment, "/data"), "/data"));
    }

    [Fact]
    public void One_rate_is_one_pool_for_both_directions_and_a_policy_alone_is_a_plan()
    {
        Experiment experiment = ExperimentFile.Parse(Head + "fleet: { bandwidth: 20 Mbps, devices: [{ name: a, class: phone }] }\nplan: optimal", ".");
        Assert.Equal(new SharedBandwidth.Pool(20e6), experiment.Shared?.Bandwidth);
        Assert.Equal("optimal", experiment.Plan?.Policy);
    }

    [Fact]
    public void Every_fault_of_a_fleet_is_told_at_once() => AssertFaults(
        Head + """
        fleet:
          bandwidth: { uplink: 20 Mbps }
          server: { class: mainframe, profile: x.json }
          devices:
            - { name: a, class: raspberry-pi-44, memory: 512, uplink: 10 mbps, latency: fast }
            - { name: b, cut: 2, class: phone, profile: b.json, downlink: 0 Mbps }
        plan: { policy: best, replanOver: -1 }
        """,
        "f.yaml:4: fleet.bandwidth: it is neither one rate for both directions nor two; give a rate alone, or uplink and downlink",
        "f.yaml:5: fleet.server.class: there is no 'mainframe' here; *",
        "f.yaml:5: fleet.server.profile: class is given too; give class or profile, not both",
        "f.yaml:7: fleet.devices[0].class: there is no 'raspberry-pi-44' here; did you mean 'raspberry-pi-4'?",
        "f.yaml:7: fleet.devices[0].memory: it is '512'; give a size with its unit, as in 512 MiB; *",
        "f.yaml:7: fleet.devices[0].uplink: it is '10 mbps'; give a rate with its unit, as in 20 Mbps; *",
        "f.yaml:7: fleet.devices[0].latency: it is 'fast'; give a time with its unit, as in 5 ms; *",
        "f.yaml:8: fleet.devices[1].downlink: it is '0 Mbps'; give a rate with its unit, as in 20 Mbps; *",
        "f.yaml:8: fleet.devices[1].profile: class is given too; give class or profile, not both",
        "f.yaml:8: fleet.devices[1].cut: the plan decides the cuts; remove it, or remove plan",
        "f.yaml:9: plan.policy: it is 'best'; give edgesplit, optimal, uniform, equal-shares, fixed:CUT, full-local or random:SEED",
        "f.yaml:9: plan.replanOver: it is '-1'; give a number from 0 to 1000");

    [Fact]
    public void A_plan_goes_with_the_method_that_has_cuts_to_decide()
    {
        string text = Head + "training: { method: fedavg }\nfleet: { devices: [{ name: a }] }\nplan: edgesplit";
        Fault fault = Assert.Single(Assert.Throws<InvalidInputException>(() => ExperimentFile.Parse(text, ".")).Faults);
        Assert.Contains("the method fedavg leaves a plan nothing to decide", fault.ToString(), StringComparison.Ordinal);
        text = text.Replace("method: fedavg", "method: edgesplit", StringComparison.Ordinal);
        Assert.Null(ExperimentFile.Parse(text, ".", ["training.method=fedavg"]).Plan);
    }

    [Fact]
    public void A_plan_from_the_command_line_outdoes_the_files_cuts()
    {
        string text = Head + "fleet: { devices: [{ name: a, cut: 2 }] }";
        Experiment experiment = ExperimentFile.Parse(text, ".", ["plan.policy=uniform"]);
        Assert.Equal("uniform", experiment.Plan?.Policy);
        Assert.Null(experiment.Devices[0].Cut);
        Assert.Equal("edgesplit", ExperimentFile.Parse(text, ".", ["plan=edgesplit"]).Plan?.Policy);
    }

    [Fact]
    public void A_server_without_a_shared_link_says_what_is_missing() => Assert.Contains(
        "add fleet.bandwidth",
        Assert.Throws<InvalidInputException>(() => ExperimentFile.Parse(Head + "fleet: { server: laptop, devices: [{ name: a, cut: 1 }] }", ".")).Message,
        StringComparison.Ordinal);

    /// <summary>All faults in their order, each as it begins up to a star.</summary>
    private static void AssertFaults(string text, params string[] expected)
    {
        IReadOnlyList<Fault> faults = Assert.Throws<InvalidInputException>(() => ExperimentFile.Parse(text, ".", source: "f.yaml")).Faults;
        Assert.Equal(
            string.Join('\n', expected),
            string.Join('\n', faults.Select((fault, index) => Shortened(fault.ToString(), index < expected.Length ? expected[index] : ""))));

        static string Shortened(string fault, string like) =>
            like.EndsWith('*') && fault.StartsWith(like[..^1], StringComparison.Ordinal) ? like : fault;
    }
}
