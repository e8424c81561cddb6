using EdgeSplit.Experiments;

namespace EdgeSplit.Tests.Experiments;

public class ExperimentFaultTests
{
    [Fact]
    public void Every_fault_is_told_at_once_in_the_order_of_the_lines() => AssertFaults(
        """
        name: four
        sed: 1
        model: lenet
        batch: 3
        data:
          source: fashion-mnist
          train: x.csv
          trainSamples: many
          partition: { kind: dirichlet, alpha: -1 }
        training:
          method: edgesplit
          rounds: 0
          localSteps: 10 steps
          localEpochs: 2
          participation: .nan
          optimizer: { kind: adam, momentum: 0.9 }
          learningRate: { schedule: cosine, initial: 0.01, final: 0.1 }
        fleet:
          devices:
            - { name: sensor, count: 2, cut: 1 }
            - { name: sensor-2, cut: 1 }
            - { name: pi }
        compute: { device: gpu, lanes: some }
        """,
        "f.yaml:2: sed: there is no such key; did you mean 'seed'?",
        "f.yaml:3: model: there is no 'lenet' here; did you mean 'lenet5'?",
        "f.yaml:4: batch: there is no such key; it belongs at training.batch",
        "f.yaml:7: data.train: it does not go with source 'fashion-mnist'; remove it; it goes with csv",
        "f.yaml:8: data.trainSamples: it is 'many'; give a whole number from 1 to 2147483647, or all",
        "f.yaml:9: data.partition.alpha: it is '-1'; give a number over 0 to 1000000",
        "f.yaml:12: training.rounds: it is '0'; give a whole number from 1 to 1000000",
        "f.yaml:13: training.localSteps: it is '10 steps'; give a whole number",
        "f.yaml:14: training.localEpochs: localSteps is given too; give localSteps or localEpochs, not both",
        "f.yaml:15: training.participation: it is '.nan'; give a number over 0 to 1",
        "f.yaml:16: training.optimizer.momentum: it does not go with kind 'adam'; remove it; it goes with sgd",
        "f.yaml:17: training.learningRate.final: it is 0.1, more than the initial 0.01; give at most the initial rate",
        "f.yaml:21: fleet.devices[1].name: two devices are called 'sensor-2'; the first is at f.yaml:20: fleet.devices[0].name; name them apart",
        "f.yaml:22: fleet.devices[2].cut: this key is missing; with the method edgesplit every device has its cut (blocks 1..cut run on it), or a plan decides: add plan: edgesplit",
        "f.yaml:23: compute.device: it is 'gpu'; give cpu, cuda or cuda:N",
        "f.yaml:23: compute.lanes: it is 'some'; give a whole number from 1 to 1024, or auto");

    [Fact]
    public void Cuts_beyond_the_network_come_with_the_file_s_other_faults() => AssertFaults(
        """
        model: lenet5
        data: { source: synthetic, shape: 1x28x28, trainSamples: 3, partition: { kind: classes, classesPerDevice: 11 } }
        training: { roundz: 3 }
        fleet:
          devices:
            - { name: a, count: 3, cut: 9 }
            - { name: b, cut: 0 }
        """,
        "f.yaml:3: training.roundz: there is no such key; did you mean 'rounds'?",
        "f.yaml:7: fleet.devices[1].cut: it is '0'; give a whole number from 1 to 10000",
        "f.yaml:6: fleet.devices[0].cut: cut 9 of 'a-1' is outside 1..5; lenet5 has 5 blocks: 1 conv1, 2 conv2, 3 fc1, 4 fc2, 5 fc3",
        "f.yaml:6: fleet.devices: there are 4 devices for 3 training samples; use fewer devices, or more samples (data.trainSamples)",
        "f.yaml:2: data.partition: there are 10 classes, not 11 for each device; set classesPerDevice to 10 or less");

    [Theory]
    [InlineData("", "f.yaml:1: it holds no keys; write 'key: value' lines")]
    [InlineData("name: x\n", "f.yaml:1: data: this key is missing; add it: the samples, and how they are dealt to the devices|f.yaml:1: fleet: this key is missing; list the devices under fleet.devices|f.yaml:1: model: this key is missing; add it: the network: a name of the zoo, or a map of these keys")]
    [InlineData("name: [1\nmodel: x\n", "not valid YAML")]
    [InlineData("name: 'x\n", "not valid YAML")]
    [InlineData("name: x\n\tmodel: y\n", "not valid YAML")]
    [InlineData("name: x\nname: y\n", "f.yaml:2: this is not valid YAML: Duplicate key name")]
    [InlineData("name: &a x\nmodel: *a\n", "anchors and aliases are not read; write the value out")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "nested deeper than 32 levels")]
    [InlineData("- a\n", "it holds no keys")]
    public void What_is_no_experiment_says_so(string text, string expected)
    {
        string message = Assert.Throws<InvalidInputException>(() => ExperimentFile.Parse(text, ".", source: "f.yaml")).Message;
        foreach (string part in expected.Split('|'))
            Assert.Contains(part, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fedavg", "the method fedavg has no cuts; remove it, or set training.method to edgesplit")]
    [InlineData("splitfed-v1", "the method splitfed-v1 has one cut for all devices; remove it; the cut is training.cut")]
    public void A_cut_the_method_has_no_use_for_is_a_fault(string method, string expected) =>
        Assert.Contains(expected, FaultsOf(Minimal.Replace("edgesplit", method, StringComparison.Ordinal)), StringComparison.Ordinal);

    [Fact]
    public void A_common_cut_is_for_methods_with_one_and_needed_there()
    {
        AssertFaults(
            Minimal.Replace("edgesplit", "edgesplit, cut: 2", StringComparison.Ordinal),
            "f.yaml:3: training.cut: it does not go with method 'edgesplit'; remove it; it goes with splitfed-v1, splitfed-v2, psl, split");
        AssertFaults(
            Minimal.Replace("edgesplit", "splitfed-v1", StringComparison.Ordinal).Replace(", cut: 1", "", StringComparison.Ordinal),
            "f.yaml:3: training.cut: this key is missing; add it: the one cut of all devices: blocks 1..cut run on the device; best for the one that makes the shortest round by the costs of the fleet");
    }

    [Theory]
    [InlineData("proximal: 0.1")]
    [InlineData("serverMomentum: 0.9")]
    public void Variations_of_averaging_are_for_methods_that_average(string variation) => AssertFaults(
        Minimal.Replace("edgesplit", "split, cut: 2, " + variation, StringComparison.Ordinal).Replace(", cut: 1", "", StringComparison.Ordinal),
        $"f.yaml:3: training.{variation.Split(':')[0]}: it does not go with method 'split'; remove it; it goes with edgesplit, splitfed-v1, fedavg");

    [Fact]
    public void The_best_common_cut_leaves_a_plan_of_the_file_nothing_to_decide() => Assert.Contains(
        "the method psl leaves a plan nothing to decide",
        FaultsOf(Minimal.Replace("edgesplit", "psl, cut: best", StringComparison.Ordinal).Replace(", cut: 1", "", StringComparison.Ordinal) + "plan: optimal\n"),
        StringComparison.Ordinal);

    [Fact]
    public void The_best_common_cut_is_the_uniform_policys()
    {
        Experiment experiment = ExperimentFile.Parse(
            Minimal.Replace("edgesplit", "psl, cut: best", StringComparison.Ordinal).Replace(", cut: 1", "", StringComparison.Ordinal), ".");
        Assert.Equal("uniform", experiment.Plan?.Policy);
        Assert.All(experiment.Devices, device => Assert.Null(device.Cut));
    }

    [Fact]
    public void A_common_cut_beyond_the_network_is_told_once() => AssertFaults(
        Minimal.Replace("edgesplit", "splitfed-v1, cut: 6", StringComparison.Ordinal).Replace("count: 1, cut: 1", "count: 5", StringComparison.Ordinal),
        "f.yaml:3: training.cut: cut 6 is outside 1..5; lenet5 has 5 blocks: 1 conv1, 2 conv2, 3 fc1, 4 fc2, 5 fc3");

    [Fact]
    public void A_network_that_does_not_fit_the_data_says_which_and_why()
    {
        string message = FaultsOf(Minimal.Replace("fashion-mnist", "synthetic, shape: 784", StringComparison.Ordinal));
        Assert.Contains("f.yaml:1: model: lenet5 does not fit samples of shape 784", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_million_devices_are_the_most_there_may_be() =>
        Assert.Contains(
            "more than 1000000 devices",
            FaultsOf(Minimal + "    - { name: b, count: 1000000, cut: 1 }\n"),
            StringComparison.Ordinal);

    [Fact]
    public void A_missing_file_says_how_to_get_one()
    {
        Fault fault = Assert.Single(Assert.Throws<InvalidInputException>(() => ExperimentFile.Read("no-such.yaml")).Faults);
        Assert.Equal("no-such.yaml: there is no such file; 'edgesplit init no-such.yaml' writes one to start from", fault.ToString());
    }

    internal const string Minimal = """
        model: lenet5
        data: { source: fashion-mnist }
        training: { method: edgesplit }
        fleet:
          devices:
            - { name: a, count: 1, cut: 1 }

        """;

    private static void AssertFaults(string text, params string[] expected) =>
        Assert.Equal(string.Join('\n', expected), FaultsOf(text));

    private static string FaultsOf(string text) =>
        string.Join('\n', Assert.Throws<InvalidInputException>(() => ExperimentFile.Parse(text, ".", source: "f.yaml")).Faults);
}
