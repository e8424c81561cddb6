using System.Text.Json;
using EdgeSplit.Planning;
using EdgeSplit.Planning.Policies;

namespace EdgeSplit.Tests.Planning;

public class OracleTests
{
    private static readonly JsonElement[] Instances = ReadInstances();

    public static TheoryData<string> Names => [.. Instances.Select(instance => instance.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_optimum_is_the_one_found_by_brute_force(string name)
    {
        JsonElement instance = Find(name);
        JsonElement expected = instance.GetProperty("expected");
        Plan plan = Planner.Decide(ProblemOf(name), PlanPolicies.Parse("optimal"));
        Assert.Empty(PlanChecker.Check(plan));
        if (expected.TryGetProperty("status", out JsonElement status))
        {
            Assert.Equal(status.GetString(), PlanWriter.StatusName(plan.Status));
            InfeasibleDevice infeasible = Assert.Single(plan.Infeasible);
            Assert.Equal("d0", infeasible.Device);
            Assert.Contains("needs 984,800 bytes", infeasible.Reason, StringComparison.Ordinal);
            return;
        }

        Close(expected.GetProperty("roundSeconds").GetDouble(), plan.RoundSeconds);
        Assert.Equal(PlanStatus.Optimal, plan.Status);
        // One device's capped link decides the round there; the others' cuts are free.
        if (name != "capped-link")
            Assert.Equal(expected.GetProperty("cuts").EnumerateArray().Select(cut => cut.GetInt32()), Enumerable.Range(0, 3).Select(plan.Cut));
    }

    [Theory]
    [InlineData("three-devices", "uniform", 15.3098288014)]
    [InlineData("three-devices", "edgesplit", 13.023905802282627)]
    [InlineData("less-memory", "edgesplit", 13.207973724107735)]
    [InlineData("equal-devices", "edgesplit", 11.363400000000798)]
    [InlineData("capped-link", "edgesplit", 19.589000000000258)]
    [InlineData("two-resources", "edgesplit", 25.564987700088)]
    public void A_policy_gives_its_figure(string name, string policy, double seconds)
    {
        Plan plan = Planner.Decide(ProblemOf(name), PlanPolicies.Parse(policy));
        Assert.Empty(PlanChecker.Check(plan));
        Close(seconds, plan.RoundSeconds);
    }

    [Fact]
    public void The_bound_of_several_resources_is_the_one_prices_prove() =>
        Close(24.306512188511, Planner.Decide(ProblemOf("two-resources"), PlanPolicies.Parse("edgesplit")).LowerBoundSeconds);

    [Fact]
    public void Full_local_names_the_devices_it_does_not_fit()
    {
        Plan plan = Planner.Decide(ProblemOf("three-devices"), PlanPolicies.Parse("full-local"));
        Assert.Equal(PlanStatus.Infeasible, plan.Status);
        Assert.Equal(["d0", "d1"], plan.Infeasible.Select(device => device.Device));
    }

    internal static Problem ProblemOf(string name)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(Find(name).GetProperty("problem"));
        using MemoryStream stream = new(json);
        return ProblemReader.Read(stream, name);
    }

    private static JsonElement Find(string name) => Instances.First(instance => instance.GetProperty("name").GetString() == name);

    private static void Close(double expected, double actual) => Assert.InRange(actual, expected * (1 - 1e-9), expected * (1 + 1e-9));

    private static JsonElement[] ReadInstances()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Fixtures", "planning.json");
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        return [.. document.RootElement.Clone().EnumerateArray()];
    }
}
