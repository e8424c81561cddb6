using System.CommandLine;
using System.Globalization;
using EdgeSplit.Planning;
using EdgeSplit.Simulation;

namespace EdgeSplit.Cli.Commands;

/// <summary><c>edgesplit simulate</c>: rounds on a virtual clock, beside what the plan claims.</summary>
internal static class SimulateCommand
{
    public static Command Create()
    {
        Argument<string> input = PlanCommand.InputArgument();
        Option<string?> policy = PlanCommand.PolicyOption();
        Option<bool> exclude = PlanCommand.ExcludeOption();
        Option<int?> rounds = new("--rounds") { Description = "How many rounds. [default: the experiment's own; 1 for a problem]", HelpName = "R" };
        Option<int?> steps = new("--steps") { Description = "Local steps a round of a problem is made of; an experiment has its own. [default: 1]", HelpName = "H" };
        Option<double?> timeLimit = PlanningLimit.Option();
        Option<string[]> set = CommonOptions.Set();
        Option<string?> dataDirectory = CommonOptions.DataDirectory();
        Command simulate = new("simulate", "Simulate rounds of a plan, no training involved: static and lent shares, both server orders.")
        {
            input, policy, rounds, steps, exclude, timeLimit, set, dataDirectory,
        };
        simulate.SetAction(async (parsed, cancellation) =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            FaultCollector faults = new();
            TimeSpan? limit = null;
            faults.Check(() => limit = PlanningLimit.Read(parsed, timeLimit));
            foreach (Option<int?> count in (Option<int?>[])[rounds, steps])
                faults.Check(() => RequirePositive(count.Name, parsed.GetValue(count)));
            PlanningInput? planning = await faults.TryAsync(() => PlanningInput.ReadAsync(
                parsed.GetRequiredValue(input), parsed.GetValue(policy), parsed.GetValue(set) ?? [], parsed.GetValue(dataDirectory),
                parsed.GetValue(exclude), error, cancellation)).ConfigureAwait(false);
            if (planning?.Builder is not null && parsed.GetValue(steps) is not null)
                faults.Check(() => throw new InvalidInputException("--steps", "an experiment has its own local steps", "leave it out, or --set training.localSteps=H"));
            faults.ThrowIfAny();
            using PlanningLimit planningLimit = new(limit ?? planning!.TimeLimit, TimeProvider.System, error, cancellation);
            return Run(planning!, planningLimit, parsed.GetValue(rounds) ?? planning!.Rounds, parsed.GetValue(steps) ?? 1, parsed.InvocationConfiguration.Output);
        });
        return simulate;
    }

    private static void RequirePositive(string option, int? value)
    {
        if (value < 1)
            throw new InvalidInputException(option, $"{value} is not a number of them", "give a whole number from 1");
    }

    private static int Run(PlanningInput input, PlanningLimit limit, int rounds, int steps, TextWriter output)
    {
        Plan plan = Planner.Decide(input.Problem, input.Policy, limit.Begin());
        if (plan.Status == PlanStatus.Infeasible)
        {
            PlanReport.WriteInfeasible(plan.Policy, plan.Infeasible, output);
            return Program.NoPlan;
        }

        output.WriteLine($"The plan by {plan.Policy} claims {PlanReport.Seconds(plan.RoundSeconds)} a round, {PlanReport.Seconds(rounds * plan.RoundSeconds)} for {rounds}.");
        if (plan.TimeLimit is { } met)
            output.WriteLine($"{PlanningWords.OfTimeLimit(met)}.");
        foreach (string note in input.Notes)
            output.WriteLine(note);
        output.WriteLine();
        TextTable table = new(["shares", "server order", "a round", "all rounds", "to the claim"], textColumns: 2);
        IReadOnlyList<DeviceWorkload> workloads = input.WorkloadsOf(plan, steps);
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
