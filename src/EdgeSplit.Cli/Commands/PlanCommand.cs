using System.CommandLine;
using EdgeSplit.Planning;
using EdgeSplit.Planning.Policies;
using EdgeSplit.Simulation;

namespace EdgeSplit.Cli.Commands;

/// <summary><c>edgesplit plan</c>: every device's cut and shares, with the bound that says how good they are.</summary>
internal static class PlanCommand
{
    private const int NoPlan = 3;

    /// <summary>What <c>--compare</c> shows beside the policy asked for.</summary>
    private static readonly string[] Compared = ["edgesplit", "optimal", "uniform", "equal-shares", "full-local"];

    public static Command Create()
    {
        Argument<string> problem = ProblemArgument();
        Option<string> policy = PolicyOption();
        Option<OutputFormat> format = CommonOptions.Format();
        format.Description = "'text' explains the plan to people; 'json' is the plan as other programs read it (docs/planning.md).";
        Option<bool> compare = new("--compare") { Description = "Show every policy side by side, after the plan (text only)." };
        Option<string?> svg = new("--svg") { Description = "Write a timeline of one round to this SVG file.", HelpName = "FILE" };
        Option<bool> exclude = ExcludeOption();

        Command plan = new("plan", "Decide every device's cut and its share of the bandwidth, and bound how much better any plan could be.")
        {
            problem, policy, format, compare, svg, exclude,
        };
        plan.SetAction(parsed => Run(
            Read(parsed.GetRequiredValue(problem), parsed.GetValue(exclude), parsed.InvocationConfiguration.Error),
            PlanPolicies.Parse(parsed.GetRequiredValue(policy)), parsed.GetValue(format) == OutputFormat.Json, parsed.GetValue(compare),
            parsed.GetValue(svg), parsed.InvocationConfiguration));
        return plan;
    }

    internal static Argument<string> ProblemArgument() => new("PROBLEM")
    {
        Description = "A planning problem: resources, devices and their cuts, as docs/planning.md has it.",
    };

    internal static Option<string> PolicyOption() => new("--policy")
    {
        Description = $"How to decide: {PlanPolicies.Forms}.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "edgesplit",
    };

    internal static Option<bool> ExcludeOption() => new("--exclude-infeasible")
    {
        Description = "Plan without the devices for which no cut is feasible, and name them; else there is no plan and the exit status is 3.",
    };

    /// <summary>The problem of a file, without its infeasible devices where the user said so.</summary>
    internal static Problem Read(string path, bool isExcluding, TextWriter error)
    {
        Problem problem = ProblemReader.ReadFile(path);
        if (!isExcluding || problem.InfeasibleDevices() is not { Length: > 0 } infeasible || infeasible.Length == problem.DeviceCount)
            return problem;
        foreach (InfeasibleDevice device in infeasible)
            error.WriteLine($"excluded: {device.Device}: {device.Reason}");
        return problem.Without(infeasible.Select(device => device.Device).ToHashSet());
    }

    /// <summary>Names the devices in the way of a plan.</summary>
    internal static int TellInfeasible(Plan plan, TextWriter output)
    {
        output.WriteLine($"No feasible plan by the policy {plan.Policy}:");
        foreach (InfeasibleDevice device in plan.Infeasible)
            output.WriteLine($"  {device.Device}: {device.Reason}");
        return NoPlan;
    }

    private static int Run(Problem problem, IPlanPolicy policy, bool isJson, bool isComparing, string? svg, InvocationConfiguration configuration)
    {
        TextWriter output = configuration.Output;
        Plan plan = Planner.Decide(problem, policy);
        bool isInfeasible = plan.Status == PlanStatus.Infeasible;
        if (svg is not null && !isInfeasible)
            WriteSvg(plan, svg);
        if (isJson)
        {
            using MemoryStream json = new();
            PlanWriter.Write(plan, json);
            output.WriteLine(System.Text.Encoding.UTF8.GetString(json.GetBuffer(), 0, (int)json.Length));
            return isInfeasible ? NoPlan : 0;
        }

        if (isInfeasible)
            TellInfeasible(plan, output);
        else
            PlanReport.Write(plan, output);
        if (isComparing)
            PlanReport.WriteComparison(problem, [.. Compared.Append(policy.Name).Distinct()], output);
        return isInfeasible ? NoPlan : 0;
    }

    private static void WriteSvg(Plan plan, string path)
    {
        SimulatedRound round = RoundSimulator.Run(plan, PlanWorkloads.Of(plan), new SimulationOptions(RecordTrace: true));
        try
        {
            File.WriteAllText(path, TimelineSvg.Draw(plan, round));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException("--svg", $"'{path}' cannot be written: {exception.Message}", "name a file that can be");
        }
    }
}
