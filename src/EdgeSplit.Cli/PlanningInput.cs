using System.Collections.Immutable;
using EdgeSplit.Experiments;
using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Planning.Policies;
using EdgeSplit.Simulation;

namespace EdgeSplit.Cli;

/// <summary>What is to be planned: a problem in JSON, or the first round of an experiment.</summary>
/// <param name="Problem">The problem, without infeasible devices where the user said so.</param>
/// <param name="Policy">The policy to plan it with.</param>
/// <param name="Builder">What the problem was made of; null for one in JSON.</param>
internal sealed record PlanningInput(Problem Problem, IPlanPolicy Policy, ProblemBuilder? Builder)
{
    private const string DefaultPolicy = "edgesplit";

    /// <summary>Policies to compare with, besides the one asked for.</summary>
    public required IReadOnlyList<IPlanPolicy> Rivals { get; init; }

    /// <summary>Rounds of the experiment; 1 for a problem.</summary>
    public int Rounds { get; init; } = 1;

    /// <summary>How long its plan may take, where the command line does not say.</summary>
    public TimeSpan TimeLimit { get; init; } = PlanningTime.DefaultLimit;

    /// <summary>What could be changed about it.</summary>
    public required Func<IEnumerable<PlanChange>> Changes { get; init; }

    /// <summary>What a person should know of where it comes from.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What each device does in a round, as finely as it is known.</summary>
    /// <param name="plan">A plan of this problem.</param>
    /// <param name="steps">Local steps a round of a problem in JSON is made of; an experiment knows its own.</param>
    public IReadOnlyList<DeviceWorkload> WorkloadsOf(Plan plan, int steps = 1) =>
        Builder is { } builder ? FleetWorkloads.Of(builder, plan) : PlanWorkloads.Of(plan, steps);

    /// <param name="path">A problem (<c>.json</c>, or a text that begins with a brace) or an experiment.</param>
    /// <param name="policy">The policy's name; null for the experiment's own.</param>
    /// <param name="overrides">What <c>--set</c> says.</param>
    /// <param name="dataDirectory">What <c>--data-dir</c> says.</param>
    /// <param name="isExcluding">Leave out devices for which no cut is feasible.</param>
    /// <param name="error">Is told of devices left out, and of downloads.</param>
    /// <param name="cancellation">Ends a download.</param>
    /// <exception cref="InvalidInputException">Every fault found.</exception>
    public static async Task<PlanningInput> ReadAsync(
        string path, string? policy, IReadOnlyList<string> overrides, string? dataDirectory, bool isExcluding, TextWriter error,
        CancellationToken cancellation)
    {
        FaultCollector faults = new();
        IPlanPolicy? chosen = policy is null ? null : faults.Try(() => PlanPolicies.Parse(policy));
        if (IsProblem(path))
        {
            if (overrides.Count > 0)
                faults.Check(() => throw new InvalidInputException("--set", "it changes keys of an experiment, and this is a problem", "change the file"));
            Problem? problem = faults.Try(() => ProblemReader.ReadFile(path));
            faults.ThrowIfAny();
            HashSet<string> excluded = isExcluding ? Excluded(problem!, error) : [];
            problem = excluded.Count > 0 ? problem!.Without(excluded) : problem!;
            IPlanPolicy decides = chosen ?? PlanPolicies.Parse(DefaultPolicy);
            return new PlanningInput(problem, decides, Builder: null) { Rivals = Rivalling, Changes = () => ProblemChanges.Of(problem, decides) };
        }

        Experiment? experiment = faults.Try(() => ExperimentFile.Read(path, overrides));
        PreparedExperiment? prepared = await Preparation.LoadAsync(experiment, dataDirectory, faults, error, cancellation).ConfigureAwait(false);
        faults.Check(() => prepared?.RequireSamples());
        Fleet? fleet = prepared is null ? null : faults.Try(() => FleetCosts.Of(prepared.Experiment, prepared.Network, prepared.Samples));
        faults.ThrowIfAny();
        return OfExperiment(prepared!, fleet!, chosen, isExcluding, error);
    }

    private static PlanningInput OfExperiment(
        PreparedExperiment prepared, Fleet fleet, IPlanPolicy? policy, bool isExcluding, TextWriter error)
    {
        PlanConfig? config = prepared.Experiment.Plan;
        PlannedFleet planned = new(prepared, fleet, FleetCosts.WorkOf(prepared.Experiment.Training), new HashSet<string>());
        if (isExcluding || config is { ExcludeInfeasible: true })
            planned = planned with { Excluded = Excluded(planned.Builder.ToProblem(), error) };
        ProblemBuilder builder = planned.Builder;
        IPlanPolicy? given = config is null ? GivenPolicyOf(planned) : null;
        List<string> notes = [];
        if (planned.DrawnCount < fleet.Devices.Count)
            notes.Add($"{planned.DrawnCount} of {fleet.Devices.Count} devices take part in the first round; this is its plan.");
        if (builder.IsEstimate)
            notes.Add("Costs of device classes are estimates; 'edgesplit profile' measures them.");
        Func<PlannedFleet, IPlanPolicy> policyOf = policy is not null
            ? _ => policy
            : config is null ? GivenPolicyOf : _ => PlanPolicies.Parse(config.Policy);
        notes.AddRange(FleetDoubts.Of(builder.Fleet).Select(doubt => $"warning: {doubt}"));
        return new PlanningInput(builder.ToProblem(), policyOf(planned), builder)
        {
            Rivals = given is null ? Rivalling : [given, .. Rivalling],
            Notes = notes,
            Rounds = prepared.Experiment.Training.Rounds,
            TimeLimit = config?.TimeLimit ?? PlanningTime.DefaultLimit,
            Changes = new ExperimentChanges(planned, policyOf).All,
        };
    }

    /// <summary>The cuts that the experiment file gives.</summary>
    private static IPlanPolicy GivenPolicyOf(PlannedFleet planned)
    {
        IReadOnlyList<int> cuts = planned.Prepared.Cuts;
        return new GivenCutsPolicy([.. planned.Participants.Select(device => cuts[device])]);
    }

    /// <summary>The names of the devices without a feasible cut, each told of; none where that is all of them.</summary>
    private static HashSet<string> Excluded(Problem problem, TextWriter error)
    {
        ImmutableArray<InfeasibleDevice> infeasible = problem.InfeasibleDevices();
        if (infeasible.Length == problem.DeviceCount)
            return [];
        foreach (InfeasibleDevice device in infeasible)
            error.WriteLine($"excluded: {device.Device}: {device.Reason}");
        return [.. infeasible.Select(device => device.Device)];
    }

    private static IReadOnlyList<IPlanPolicy> Rivalling { get; } =
        [.. ((string[])["edgesplit", "optimal", "uniform", "equal-shares", "full-local"]).Select(PlanPolicies.Parse)];

    /// <summary>Whether a file is a problem by its name or, failing that, by how it begins; an experiment otherwise.</summary>
    private static bool IsProblem(string path)
    {
        string ending = Path.GetExtension(path).ToLowerInvariant();
        if (ending is ".json" or ".yaml" or ".yml" || !File.Exists(path))
            return ending is not (".yaml" or ".yml");
        try
        {
            using StreamReader reader = new(path);
            int first = reader.Read();
            while (first >= 0 && char.IsWhiteSpace((char)first))
                first = reader.Read();
            return first is '{' or '[';
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }
}
