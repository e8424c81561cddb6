using EdgeSplit.Experiments;

namespace EdgeSplit.Tests.Experiments;

public class ExampleTests
{
    public static TheoryData<string> Files() =>
        [.. ((string[])["", "study"]).SelectMany(folder => Directory.EnumerateFiles(Repository.PathOf("examples", folder), "*.yaml"))
            .Select(path => Path.GetRelativePath(Repository.PathOf("examples"), path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_example_is_valid_and_what_it_names_is_there(string file)
    {
        Experiment experiment = ExperimentFile.Read(Repository.PathOf("examples", file));
        Assert.NotEmpty(experiment.Devices);
        if (experiment.Model.File is string network)
            Assert.True(File.Exists(network), network);
        if (experiment.Data.Source is EdgeSplit.Data.DataSource.Csv csv)
            Assert.True(File.Exists(csv.Train) && File.Exists(csv.Test), csv.Train);
    }

    [Fact]
    public void The_first_example_has_four_devices_with_four_different_cuts()
    {
        Experiment experiment = ExperimentFile.Read(Repository.PathOf("examples", "four-devices.yaml"));
        Assert.Equal(4, experiment.Devices.Count);
        Assert.Equal(4, experiment.Devices.Select(device => device.Cut).Distinct().Count());
    }

    [Theory]
    [InlineData("four-devices")]
    [InlineData("planned-fleet")]
    [InlineData("many-devices")]
    [InlineData("centralized")]
    public void Every_template_is_valid_and_explains_every_key(string template)
    {
        string text = ExperimentTemplate.Write(template, "./experiment.schema.json");
        Experiment experiment = ExperimentFile.Parse(text, ".");
        Assert.Equal(template, experiment.Name);
        Assert.StartsWith("# yaml-language-server: $schema=./experiment.schema.json\n", text, StringComparison.Ordinal);
        foreach (string key in (string[])["seed", "participation", "momentum", "minimumSamples", "cropPadding", "lanes", "schedule"])
            Assert.Contains(key, text, StringComparison.Ordinal);
    }
}
