using System.Text;
using EdgeSplit.Planning;
using EdgeSplit.Planning.Policies;

namespace EdgeSplit.Tests.Planning;

public class PlanReaderTests
{
    private const string Good =
        """{"status":"optimal","policy":"optimal","roundSeconds":3,"lowerBoundSeconds":3,"devices":[{"name":"x","cut":1,"shares":{"b":2},"roundSeconds":3}]}""";

    private static readonly string[] Policies = ["optimal", "edgesplit", "equal-shares", "uniform", "full-local", "random:3"];

    [Fact]
    public void A_plan_written_and_read_is_the_same_plan_to_the_last_bit()
    {
        foreach (ulong seed in Seeds.First(300))
        {
            Problem problem = RandomProblem.Of(seed, 1 + (int)(seed % 6), 4, (int)(seed % 4), (int)(seed / 4 % 2)).ToProblem();
            foreach (string policy in Policies)
            {
                Plan plan = Planner.Decide(problem, PlanPolicies.Parse(policy));
                byte[] written = Written(plan);
                using MemoryStream stream = new(written);
                Plan read = PlanReader.Read(problem, stream, "plan.json");
                Assert.Empty(PlanChecker.Check(read));
                Assert.Equal((plan.Status, plan.Policy, plan.RoundSeconds, plan.LowerBoundSeconds), (read.Status, read.Policy, read.RoundSeconds, read.LowerBoundSeconds));
                Assert.Equal(plan.Infeasible, read.Infeasible);
                Assert.Equal(written, Written(read));
                for (int device = 0; device < problem.DeviceCount && plan.Status != PlanStatus.Infeasible; device++)
                {
                    Assert.Equal((plan.Option(device), plan.DeviceSeconds(device)), (read.Option(device), read.DeviceSeconds(device)));
                    for (int resource = 0; resource < problem.Resources.Length; resource++)
                        Assert.Equal(plan.Share(device, resource), read.Share(device, resource));
                }
            }
        }
    }

    [Theory]
    [InlineData("\"optimal\",\"policy\"", "\"best\",\"policy\"", "status")]
    [InlineData("\"lowerBoundSeconds\":3", "\"lowerBoundSeconds\":2", "status")]
    [InlineData("\"lowerBoundSeconds\":3", "\"lowerBoundSeconds\":4", "lowerBoundSeconds")]
    [InlineData("\"lowerBoundSeconds\":3,", "", "lowerBoundSeconds")]
    [InlineData("\"policy\":\"optimal\",", "", "policy")]
    [InlineData("\"roundSeconds\":3,\"l", "\"roundSeconds\":\"3\",\"l", "roundSeconds")]
    [InlineData("\"roundSeconds\":3,\"l", "\"roundSeconds\":3,\"roundSeconds\":3,\"l", "roundSeconds")]
    [InlineData("\"roundSeconds\":3}", "\"roundSeconds\":1e999}", "devices[0].roundSeconds")]
    [InlineData("\"name\":\"x\"", "\"name\":\"y\"", "devices[0].name")]
    [InlineData("\"name\":\"x\",", "", "devices[0].name")]
    [InlineData("\"cut\":1", "\"cut\":2", "devices[0].cut")]
    [InlineData("\"cut\":1", "\"cut\":1.5", "devices[0].cut")]
    [InlineData("\"cut\":1", "\"cut\":1,\"cut\":1", "devices[0].cut")]
    [InlineData("\"b\":2", "\"b\":-2", "devices[0].shares.b")]
    [InlineData("\"b\":2", "\"b\":2,\"b\":2", "devices[0].shares.b")]
    [InlineData("\"b\":2", "\"c\":2", "devices[0].shares.c")]
    [InlineData("\"b\":2", "\"s\":2", "devices[0].shares.s")]
    [InlineData("{\"b\":2}", "[]", "devices[0].shares")]
    [InlineData("[{\"name\":\"x\",\"cut\":1,\"shares\":{\"b\":2},\"roundSeconds\":3}]", "[]", "devices")]
    [InlineData("[{\"name\":\"x\",\"cut\":1,\"shares\":{\"b\":2},\"roundSeconds\":3}]", "[1]", "devices[0]")]
    [InlineData("\"status\":\"optimal\"", "\"status\":\"infeasible\"", "infeasible")]
    [InlineData("\"status\":\"optimal\"", "\"status\":\"infeasible\",\"infeasible\":[{\"device\":\"y\",\"reason\":\"z\"}]", "infeasible[0].device")]
    [InlineData("3}]}", "3}]", "plan.json")]
    [InlineData("3}]}", "3}]}]", "plan.json")]
    public void What_does_not_fit_the_problem_is_named_by_its_path(string right, string wrong, string where)
    {
        string json = Good.Replace(right, wrong, StringComparison.Ordinal);
        Assert.NotEqual(Good, json);
        Assert.Contains(FaultsOf(json), fault => fault.Where.StartsWith(where, StringComparison.Ordinal));
    }

    [Fact]
    public void A_claim_that_does_not_hold_is_the_checkers_to_find()
    {
        Assert.Empty(PlanChecker.Check(Read(Good)));
        Assert.NotEmpty(PlanChecker.Check(Read(Good.Replace("\"b\":2", "\"b\":3", StringComparison.Ordinal))));
        Assert.NotEmpty(PlanChecker.Check(Read(Good.Replace(":3", ":2", StringComparison.Ordinal))));
    }

    [Fact]
    public void A_plan_cut_off_at_any_byte_is_refused()
    {
        for (int length = 0; length < Good.Length; length++)
            Assert.NotEmpty(FaultsOf(Good[..length]));
    }

    private static IReadOnlyList<Fault> FaultsOf(string json) => Assert.Throws<InvalidInputException>(() => Read(json)).Faults;

    private static Plan Read(string json)
    {
        ProblemDraft draft = new([new Resource("b", 2), new Resource("s", 1, Sharing.WorkConserving)]);
        draft.AddDevice("x");
        draft.AddCut(1, 1);
        draft.SetDemand(0, 4);
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(json));
        return PlanReader.Read(draft.ToProblem(), stream, "plan.json");
    }

    private static byte[] Written(Plan plan)
    {
        using MemoryStream stream = new();
        PlanWriter.Write(plan, stream);
        return stream.ToArray();
    }
}
