using System.Text.Json;
using EdgeSplit.Cli;

namespace EdgeSplit.Tests.Cli;

public sealed class PlanCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("edgesplit-plan").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_plan_is_printed_as_the_contract_has_it()
    {
        (int status, string output, _) = await RunAsync("plan", Problem("three-devices"), "--policy", "optimal", "--format", "json");
        Assert.Equal(0, status);
        using JsonDocument plan = JsonDocument.Parse(output);
        Assert.Equal("optimal", plan.RootElement.GetProperty("status").GetString());
        Assert.Equal(13.023905802282627, plan.RootElement.GetProperty("roundSeconds").GetDouble(), 9);
        JsonElement first = plan.RootElement.GetProperty("devices")[0];
        Assert.Equal(13343499.5, first.GetProperty("shares").GetProperty("bandwidth").GetDouble(), 0.1);
        Assert.Equal(["name", "cut", "shares", "roundSeconds"], first.EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public async Task Without_a_plan_the_status_is_3_and_the_device_is_named()
    {
        (int status, string output, _) = await RunAsync("plan", Problem("no-cut-fits"), "--format", "json");
        Assert.Equal(3, status);
        using JsonDocument plan = JsonDocument.Parse(output);
        Assert.Equal("d0", plan.RootElement.GetProperty("infeasible")[0].GetProperty("device").GetString());
        (status, output, string error) = await RunAsync("plan", Problem("no-cut-fits"), "--exclude-infeasible");
        Assert.Equal(0, status);
        Assert.Contains("excluded: d0", error, StringComparison.Ordinal);
        Assert.DoesNotContain("d0", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "optimal")]
    [InlineData("[[[[", "optimal")]
    [InlineData(null, "optimal")]
    [InlineData("""{"resources":[],"devices":[{"name":"x","cuts":[{"cut":1,"fixedSeconds":1}]}]}""", "best")]
    [InlineData("""{"resources":[],"devices":[{"name":"x","cuts":[{"cut":1,"fixedSeconds":1}]}]}""", "fixed:-1")]
    public async Task Bad_input_has_status_2_and_prints_nothing(string? json, string policy)
    {
        string file = Path.Combine(folder, "problem.json");
        if (json is not null)
            await File.WriteAllTextAsync(file, json, TestContext.Current.CancellationToken);
        (int status, string output, string error) = await RunAsync("plan", file, "--policy", policy);
        Assert.Equal(2, status);
        Assert.Empty(output);
        Assert.StartsWith("error: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_text_says_who_ends_the_round_and_compares()
    {
        string svg = Path.Combine(folder, "round.svg");
        (int status, string output, _) = await RunAsync("plan", Problem("capped-link"), "--compare", "--svg", svg);
        Assert.Equal(0, status);
        Assert.Contains("What bounds it: d0 itself, its compute and its own link.", output, StringComparison.Ordinal);
        foreach (string policy in new[] { "edgesplit", "optimal", "uniform", "equal-shares", "full-local" })
            Assert.Contains(output.Split('\n'), line => line.StartsWith(policy, StringComparison.Ordinal));
        System.Xml.Linq.XDocument picture = System.Xml.Linq.XDocument.Load(svg);
        Assert.Equal("svg", picture.Root!.Name.LocalName);
    }

    [Fact]
    public async Task Simulation_stands_beside_the_claim()
    {
        (int status, string output, _) = await RunAsync("simulate", Problem("three-devices"), "--rounds", "3", "--steps", "4");
        Assert.Equal(0, status);
        Assert.Contains("claims 13.0239 s", output, StringComparison.Ordinal);
        Assert.Contains("39.0717 s", output, StringComparison.Ordinal);
    }

    private string Problem(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", "planning.json")));
        JsonElement instance = document.RootElement.EnumerateArray().First(item => item.GetProperty("name").GetString() == name);
        string file = Path.Combine(folder, name + ".json");
        File.WriteAllText(file, instance.GetProperty("problem").GetRawText());
        return file;
    }

    private static async Task<(int Status, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        int status = await Program.RunAsync(Program.CreateRoot(), arguments, output, error);
        return (status, output.ToString(), error.ToString());
    }
}
