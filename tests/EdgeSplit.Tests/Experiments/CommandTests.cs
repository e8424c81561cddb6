using System.CommandLine;
using System.Text.Json;
using EdgeSplit.Cli;
using EdgeSplit.Cli.Commands;
using EdgeSplit.Experiments;

namespace EdgeSplit.Tests.Experiments;

public sealed class CommandTests : IDisposable
{
    private readonly string scratch = Directory.CreateTempSubdirectory("edgesplit-commands-").FullName;

    public void Dispose() => Directory.Delete(scratch, recursive: true);

    [Fact]
    public async Task Init_writes_a_valid_file_with_a_schema_beside_it_and_overwrites_only_by_force()
    {
        string file = Path.Combine(scratch, "new", "mine.yaml");
        Assert.Equal(0, (await RunAsync("init", file, "--template", "many-devices")).Status);
        Assert.Equal(100, ExperimentFile.Read(file).Devices.Count);
        Assert.Equal(ExperimentSchema.Write(), await File.ReadAllTextAsync(Path.Combine(scratch, "new", "experiment.schema.json"), TestContext.Current.CancellationToken));
        (int status, string output, string error) = await RunAsync("init", file);
        Assert.Equal((2, "", $"error: {file}: the file is there already; give another name, or --force to replace it\n"), (status, output, error));
        Assert.Equal(0, (await RunAsync("init", file, "--force")).Status);
        Assert.Equal("four-devices", ExperimentFile.Read(file).Name);
    }

    [Fact]
    public async Task Init_names_the_nearest_template()
    {
        (int status, _, string error) = await RunAsync("init", Path.Combine(scratch, "a.yaml"), "--template", "four-device");
        Assert.Equal((2, "error: --template: there is no template 'four-device'; did you mean 'four-devices'?\n"), (status, error));
        Assert.Empty(Directory.GetFileSystemEntries(scratch));
    }

    [Fact]
    public async Task Data_show_tells_every_sample_once()
    {
        (int status, string output, _) = await RunAsync("data", "show", Repository.PathOf("examples", "csv.yaml"), "--format", "json");
        Assert.Equal(0, status);
        using JsonDocument json = JsonDocument.Parse(output);
        JsonElement devices = json.RootElement.GetProperty("devices");
        Assert.Equal(3, devices.GetArrayLength());
        Assert.Equal(120, devices.EnumerateArray().Sum(device => device.GetProperty("samples").GetInt32()));
        Assert.Equal(120, devices.EnumerateArray().SelectMany(device => device.GetProperty("classHistogram").EnumerateArray()).Sum(count => count.GetInt32()));
    }

    [Theory]
    [InlineData(false, 20)]
    [InlineData(true, 30)]
    public async Task Data_show_lists_twenty_devices_unless_asked_for_all(bool all, int expected)
    {
        string[] arguments =
        [
            "data", "show", Repository.PathOf("examples", "synthetic-vgg11.yaml"), "--set", "fleet.devices[0].count=30", "--set", "data.trainSamples=60",
            .. all ? (string[])["--all"] : [],
        ];
        (int status, string output, _) = await RunAsync(arguments);
        Assert.Equal(0, status);
        Assert.Equal(expected, output.Split('\n').Count(line => line.StartsWith("device-", StringComparison.Ordinal)));
        Assert.Contains("30 devices hold 60 samples: 2 to 2 each, median 2", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_show_refuses_more_devices_than_samples_and_names_the_key()
    {
        (int status, string output, string error) = await RunAsync("data", "show", Repository.PathOf("examples", "csv.yaml"), "--set", "data.trainSamples=2");
        Assert.Equal((2, ""), (status, output));
        Assert.Contains("fleet.devices: there are 3 devices for 2 training samples", error, StringComparison.Ordinal);
    }

    private static async Task<(int Status, string Output, string Error)> RunAsync(params string[] arguments)
    {
        RootCommand root = new() { InitCommand.Create(), DataCommand.Create() };
        using StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        int status = await Program.RunAsync(root, arguments, output, error);
        return (status, output.ToString(), error.ToString());
    }
}
