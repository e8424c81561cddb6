using EdgeSplit.Compute;
using EdgeSplit.Data;
using EdgeSplit.Experiments;
using EdgeSplit.Training;

namespace EdgeSplit.Tests.Experiments;

public class ExperimentFileTests
{
    [Fact]
    public void What_is_left_out_has_its_documented_default()
    {
        Experiment experiment = Parse(ExperimentFaultTests.Minimal);
        Assert.Equal(
            new Experiment
            {
                Name = "experiment",
                Model = new ModelChoice("lenet5", null, null),
                Data = new DataSpec(new DataSource.Named("fashion-mnist"), null, null, new AugmentationSpec()),
                Partition = new PartitionSpec.Iid(),
                Training = new TrainingSpec
                {
                    Method = Method.EdgeSplit,
                    Rounds = 10,
                    LocalWork = new LocalWork.Epochs(1),
                    BatchSize = 32,
                    Optimizer = new OptimizerSpec.Sgd(0.9),
                    LearningRate = new LearningRateSchedule.Constant(0.05),
                    Seed = 1,
                },
                Devices = [new DeviceConfig("a", 1)],
                Compute = new ComputeConfig("cpu", null, 1),
            },
            experiment);
    }

    [Fact]
    public void Counts_become_numbered_devices()
    {
        Experiment experiment = Parse(ExperimentFaultTests.Minimal + "    - { name: b, count: 3, cut: 2 }\n");
        Assert.Equal(
            [new DeviceConfig("a", 1), new DeviceConfig("b-1", 2), new DeviceConfig("b-2", 2), new DeviceConfig("b-3", 2)],
            experiment.Devices);
    }

    [Fact]
    public void Paths_are_resolved_against_the_file_s_folder()
    {
        string folder = Path.GetFullPath("somewhere");
        Experiment experiment = ExperimentFile.Parse(
            "model: { file: nets/a.yaml }\ndata: { source: csv, train: a.csv, test: b.csv, label: y }\ntraining: { method: centralized }\n", folder);
        Assert.Equal(Path.Combine(folder, "nets", "a.yaml"), experiment.Model.File);
        Assert.Equal(new DataSource.Csv(Path.Combine(folder, "a.csv"), Path.Combine(folder, "b.csv"), "y"), experiment.Data.Source);
    }

    [Fact]
    public void The_learning_rate_s_default_goes_with_the_optimizer() =>
        Assert.Equal(new LearningRateSchedule.Constant(0.001), Parse(ExperimentFaultTests.Minimal, "training.optimizer=adam").Training.LearningRate);

    [Fact]
    public void Of_a_synthetic_set_the_sample_counts_are_how_many_are_made()
    {
        Experiment experiment = Parse(
            ExperimentFaultTests.Minimal.Replace("fashion-mnist", "synthetic, shape: 1x28x28, trainSamples: 70, testSamples: 7", StringComparison.Ordinal));
        Assert.Equal(new DataSpec(new DataSource.Synthetic(new(1, 28, 28), 10, 70, 7, 1), null, null, new()), experiment.Data);
    }

    [Fact]
    public void Centralized_training_has_one_device_without_a_cut_whatever_the_fleet()
    {
        Experiment experiment = Parse(ExperimentFaultTests.Minimal, "training.method=centralized");
        Assert.Equal([new DeviceConfig("server", null)], experiment.Devices);
    }

    [Fact]
    public void Overrides_replace_add_and_reach_into_lists_and_shorthands()
    {
        Experiment experiment = Parse(
            ExperimentFaultTests.Minimal,
            "training.rounds=3",
            "fleet.devices[0].cut=4",
            "model.dropout=0.25",
            "training.learningRate={ schedule: cosine, initial: 0.1 }",
            "data.partition.kind=dirichlet",
            "name=with spaces");
        Assert.Equal(3, experiment.Training.Rounds);
        Assert.Equal([new DeviceConfig("a", 4)], experiment.Devices);
        Assert.Equal(new ModelChoice("lenet5", null, 0.25), experiment.Model);
        Assert.Equal(new LearningRateSchedule.Cosine(0.1, 0), experiment.Training.LearningRate);
        Assert.Equal(new PartitionSpec.Dirichlet(0.5, 10), experiment.Partition);
        Assert.Equal("with spaces", experiment.Name);
    }

    [Fact]
    public void A_choice_made_by_an_override_drops_what_goes_only_with_another()
    {
        string text = ExperimentFaultTests.Minimal.Replace(
            "edgesplit", "edgesplit, localSteps: 5, optimizer: { kind: sgd, momentum: 0.5 }", StringComparison.Ordinal);
        Experiment experiment = Parse(text, "training.method=fedavg", "training.localEpochs=2", "training.optimizer.kind=adam");
        Assert.Equal([new DeviceConfig("a", null)], experiment.Devices);
        Assert.Equal(new LocalWork.Epochs(2), experiment.Training.LocalWork);
        Assert.Equal(new OptimizerSpec.Adam(), experiment.Training.Optimizer);
    }

    [Fact]
    public void A_wrong_override_is_told_as_the_option_it_was()
    {
        InvalidInputException invalid = Assert.Throws<InvalidInputException>(() => Parse(
            ExperimentFaultTests.Minimal.Replace("edgesplit", "edgesplit, batch: x", StringComparison.Ordinal),
            "training.rounds=ten",
            "training.roundz=3",
            "rounds=3",
            "fleet.devices[1].cut=2",
            "fleet.devices.cut=2",
            "training.batch.size=2",
            "seed",
            "model=[1",
            "fleet.devices[0].cut=9",
            "data={ source: mnist, test: a }"));
        Assert.Equal(
            [
                "--set training.rounds=ten: it is 'ten'; give a whole number",
                "--set training.roundz=3: there is no such key; did you mean 'training.rounds'?",
                "--set rounds=3: there is no such key; did you mean 'training.rounds'?",
                "--set fleet.devices[1].cut=2: devices has no item 1; it has 0 to 0",
                "--set fleet.devices.cut=2: there is no such key; name one by its index, as in devices[0]",
                "--set training.batch.size=2: there is no such key; batch is one value",
                "--set seed: it names no value; write key.path=value, as in training.rounds=3",
                "--set model=[1: this is not valid YAML: While parsing a flow sequence, did not find expected ',' or ']'.",
                "--set data={ source: mnist, test: a }: test: it does not go with source 'mnist'; remove it; it goes with csv",
                "--set fleet.devices[0].cut=9: cut 9 of 'a' is outside 1..5; lenet5 has 5 blocks: 1 conv1, 2 conv2, 3 fc1, 4 fc2, 5 fc3",
            ],
            invalid.Faults.Select(fault => fault.ToString()).Where(fault => fault.StartsWith("--set", StringComparison.Ordinal)));
        Assert.Contains(invalid.Faults, fault => fault.Where == "experiment:3: training.batch");
    }

    private static Experiment Parse(string text, params string[] overrides) => ExperimentFile.Parse(text, ".", overrides);
}
