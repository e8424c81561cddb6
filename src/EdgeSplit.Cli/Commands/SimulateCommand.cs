using System.CommandLine;
using System.Globalization;
using EdgeSplit.Planning;
using EdgeSplit.Planning.Policies;
using EdgeSplit.Simulation;

namespace EdgeSplit.Cli.Commands;

/// <summary><c>edgesplit simulate</c>: a round on a virtual clock, beside what the plan claims.</summary>
internal static class SimulateCommand
{
    public static Command Create()
    {
        Argument<string> problem = PlanCommand.ProblemArgument();
        Option<string> policy = PlanCommand.PolicyOption();
        Option<bool> exclude = PlanCommand.ExcludeOption();
        Option<int> rounds = new("--rounds") { Description = "How many rounds.", HelpName = "R", DefaultValueFactory = _ => 1 };
        Option<int> steps = new("--steps") { Description = "Local steps a round is made of.", HelpName = "H", DefaultValueFactory = _ => 1 };
        Command simulate = new("simulate", "Simulate rounds of a plan, no training involved: static and lent shares, both server orders.")
        {
            problem, policy, rounds, steps, exclude,
        };
        simulate.SetAction(parsed => Run(
            PlanCommand.Read(parsed.GetRequiredValue(problem), parsed.GetValue(exclude), parsed.InvocationConfiguration.Error),
            PlanPolicies.Parse(parsed.GetRequiredValue(policy)), AtLeastOne("--rounds", parsed.GetValue(rounds)),
            AtLeastOne("--steps", parsed.GetValue(steps)), parsed.InvocationConfiguration.Output));
        return simulate;
    }

    private static int AtLeastOne(string option, int value) =>
        value >= 1 ? value : throw new InvalidInputException(option, $"{value} is not a number of them", "give a whole number from 1");

    private static int Run(Problem problem, IPlanPolicy policy, int rounds, int steps, TextWriter output)
    {
        Plan plan = Planner.Decide(problem, policy);
        if (plan.Status == PlanStatus.Infeasible)
            return PlanCommand.TellInfeasible(plan, output);
        output.WriteLine($"The plan by {plan.Policy} claims {PlanReport.Seconds(plan.RoundSeconds)} a round; {rounds} rounds of {steps} local steps:");
        TextTable table = new(["shares", "server order", "a round", "all rounds", "to the claim"], textColumns: 2);
        IReadOnlyList<DeviceWorkload> workloads = PlanWorkloads.Of(plan, steps);
        foreach (bool isLending in new[] { false, true })
        {
            foreach (ServerOrder order in Enum.GetValues<ServerOrder>())
            {
                double round = RoundSimulator.Run(plan, workloads, new SimulationOptions(isLending, order)).RoundSeconds;
                table.Add(
                    isLending ? "idle ones lent" : "static", order == ServerOrder.FirstCome ? "first come" : "largest tail first",
                    PlanReport.Seconds(round), PlanReport.Seconds(rounds * round), Change(round, plan.RoundSeconds));
            }
        }

        table.Write(output);
        return 0;
    }

    private static string Change(double simulated, double claimed) =>
        claimed > 0 ? (100 * ((simulated / claimed) - 1)).ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture) + " %" : "-";
}
