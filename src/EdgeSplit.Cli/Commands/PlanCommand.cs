using System.CommandLine;
using EdgeSplit.Planning;
using EdgeSplit.Planning.Policies;
using EdgeSplit.Simulation;

namespace EdgeSplit.Cli.Commands;

/// <summary><c>edgesplit plan</c>: every device's cut and shares, with the bound that says how good they are.</summary>
internal static class PlanCommand
{
    public static Command Create()
    {
        Argument<string> input = InputArgument();
        Option<string?> policy = PolicyOption();
        Option<OutputFormat> format = CommonOptions.Format();
        format.Description = "text explains the plan to people; json is the plan as other programs read it (docs/planning.md). [default: text]";
        Option<bool> compare = new("--compare") { Description = "Show every policy side by side, after the plan (text only)." };
        Option<string?> svg = new("--svg") { Description = "Write a timeline of one round to this SVG file.", HelpName = "FILE" };
        Option<bool> exclude = ExcludeOption();
        Option<double?> timeLimit = PlanningLimit.Option();
        Option<string[]> set = CommonOptions.Set();
        Option<string?> dataDirectory = CommonOptions.DataDirectory();

        Command plan = new("plan", "Decide every device's cut and its share of the bandwidth, and bound how much better any plan could be.")
        {
            input, policy, format, compare, svg, exclude, timeLimit, set, dataDirectory,
        };
        plan.SetAction(async (parsed, cancellation) =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            FaultCollector faults = new();
            TimeSpan? limit = null;
            faults.Check(() => limit = PlanningLimit.Read(parsed, timeLimit));
            PlanningInput? planning = await faults.TryAsync(() => PlanningInput.ReadAsync(
                parsed.GetRequiredValue(input), parsed.GetValue(policy), parsed.GetValue(set) ?? [], parsed.GetValue(dataDirectory),
                parsed.GetValue(exclude), error, cancellation)).ConfigureAwait(false);
            faults.ThrowIfAny();
            using PlanningLimit planningLimit = new(limit ?? planning!.TimeLimit, TimeProvider.System, error, cancellation);
            return Run(
                planning!, planningLimit, parsed.GetValue(format) == OutputFormat.Json, parsed.GetValue(compare), parsed.GetValue(svg),
                parsed.InvocationConfiguration.Output);
        });
        return plan;
    }

    internal static Argument<string> InputArgument() => new("EXPERIMENT|PROBLEM")
    {
        Description = "An experiment file whose fleet has costs (class or profile, bandwidth), or a planning problem in JSON (docs/planning.md).",
    };

    internal static Option<string?> PolicyOption() => new("--policy")
    {
        Description = $"How to decide: {PlanPolicies.Forms}. [default: the experiment's own; edgesplit for a problem]",
        HelpName = "NAME",
    };

    internal static Option<bool> ExcludeOption() => new("--exclude-infeasible")
    {
        Description = "Plan without the devices for which no cut is feasible, and name them; else there is no plan and the exit status is 3.",
    };

    private static int Run(PlanningInput input, PlanningLimit limit, bool isJson, bool isComparing, string? svg, TextWriter output)
    {
        Plan plan = Planner.Decide(input.Problem, input.Policy, limit.Begin());
        bool isInfeasible = plan.Status == PlanStatus.Infeasible;
        if (svg is not null && !isInfeasible)
            WriteSvg(input, plan, svg);
        if (isJson)
        {
            using MemoryStream json = new();
            PlanWriter.Write(plan, json);
            output.WriteLine(System.Text.Encoding.UTF8.GetString(json.GetBuffer(), 0, (int)json.Length));
            return isInfeasible ? Program.NoPlan : 0;
        }

        if (isInfeasible)
            PlanReport.WriteInfeasible(plan.Policy, plan.Infeasible, output);
        else
            PlanReport.Write(input, plan, limit, output);
        if (isComparing)
            PlanReport.WriteComparison(input, limit, output);
        return isInfeasible ? Program.NoPlan : 0;
    }

    private static void WriteSvg(PlanningInput input, Plan plan, string path)
    {
        SimulatedRound round = RoundSimulator.Run(plan, input.WorkloadsOf(plan), new SimulationOptions(RecordTrace: true));
        try
        {
            AtomicFile.WriteText(path, TimelineSvg.Draw(plan, round), overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException("--svg", $"'{path}' cannot be written: {FileTrouble.Describe(exception)}", "name a file that can be");
        }
    }
}
