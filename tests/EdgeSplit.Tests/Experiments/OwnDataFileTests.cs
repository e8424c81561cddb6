using EdgeSplit.Data;
using EdgeSplit.Experiments;
using EdgeSplit.Tests.Data;

namespace EdgeSplit.Tests.Experiments;

/// <summary>What tells a device which samples are its own.</summary>
public sealed class OwnDataFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DatasetCatalog catalog = new(DatasetLocations.Find(Repository.PathOf("data")));

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Of_a_file_with_data_alone_every_training_sample_is_the_devices()
    {
        string file = folder.Write("mine.yaml", "data: { source: synthetic, shape: 1x8x8, classes: 3, trainSamples: 40, testSamples: 5 }\n");
        OwnData own = await OwnDataFile.Read(file, "any").LoadAsync(catalog, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, 40), own.Samples);
        Assert.Equal(40, own.Train.Count);
    }

    [Fact]
    public async Task Of_an_experiment_every_device_has_its_own_part()
    {
        string file = Repository.PathOf("examples", "four-devices.yaml");
        string[] overrides = ["data.trainSamples=200", "data.testSamples=10"];
        PreparedExperiment whole = await PreparedExperiment.PrepareAsync(
            ExperimentFile.Read(file, overrides), catalog, cancellation: TestContext.Current.CancellationToken);
        for (int device = 0; device < whole.Experiment.Devices.Count; device++)
        {
            OwnDataSpec spec = OwnDataFile.Read(file, whole.Experiment.Devices[device].Name, overrides);
            OwnData own = await spec.LoadAsync(catalog, cancellation: TestContext.Current.CancellationToken);
            Assert.Equal(device, spec.Device);
            Assert.Equal(whole.Partition[device], own.Samples);
        }
    }

    [Fact]
    public void A_name_that_the_experiments_fleet_has_not_is_told_with_the_nearest()
    {
        string known = ExperimentFile.Read(Repository.PathOf("examples", "four-devices.yaml")).Devices[0].Name;
        InvalidInputException wrong = Assert.Throws<InvalidInputException>(
            () => OwnDataFile.Read(Repository.PathOf("examples", "four-devices.yaml"), known + "x"));
        Assert.Contains($"did you mean '{known}'?", Assert.Single(wrong.Faults).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_wrong_is_told_at_once()
    {
        string file = folder.Write("mine.yaml", "data: { source: csv, train: a.csv }\nmodel: lenet5\n");
        InvalidInputException wrong = Assert.Throws<InvalidInputException>(() => OwnDataFile.Read(file, "any", ["seed=-1"]));
        Assert.Equal(["label", "model", "seed"], wrong.Faults.Select(fault => fault.ToString()).Select(text => text.Contains("label", StringComparison.Ordinal) ? "label" : text.Contains("model", StringComparison.Ordinal) ? "model" : "seed").Order());
    }
}
