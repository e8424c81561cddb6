using System.Collections.Immutable;
using EdgeSplit.Experiments;
using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Planning.Policies;
using EdgeSplit.Simulation;
using EdgeSplit.Training;

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
            return new PlanningInput(
                excluded.Count > 0 ? problem!.Without(excluded) : problem!, chosen ?? PlanPolicies.Parse(DefaultPolicy), Builder: null)
            {
                Rivals = Rivalling,
            };
        }

        Experiment? experiment = faults.Try(() => ExperimentFile.Read(path, overrides));
        PreparedExperiment? prepared = await Preparation.LoadAsync(experiment, dataDirectory, faults, error, cancellation).ConfigureAwait(false);
        Fleet? fleet = prepared is null ? null : faults.Try(() => FleetCosts.Of(prepared.Experiment, prepared.Network, prepared.Samples));
        faults.ThrowIfAny();
        return OfExperiment(prepared!, fleet!, chosen, isExcluding, error);
    }

    private static PlanningInput OfExperiment(
        PreparedExperiment prepared, Fleet fleet, IPlanPolicy? policy, bool isExcluding, TextWriter error)
    {
        TrainingSpec training = prepared.Experiment.Training;
        int[] participants = Participation.Draw([.. Enumerable.Range(0, fleet.Devices.Count)], training.Participation, training.Seed, round: 1);
        ProblemBuilder builder = BuilderOf(prepared, fleet, participants);
        PlanConfig? config = prepared.Experiment.Plan;
        isExcluding |= config is { ExcludeInfeasible: true };
        HashSet<string> excluded = isExcluding ? Excluded(builder.ToProblem(), error) : [];
        if (excluded.Count > 0)
        {
            participants = [.. participants.Where(device => !excluded.Contains(fleet.Devices[device].Name))];
            builder = BuilderOf(prepared, fleet, participants);
        }

        GivenCutsPolicy? given = config is null ? new GivenCutsPolicy([.. participants.Select(device => prepared.Cuts[device])]) : null;
        List<string> notes = [];
        if (participants.Length + excluded.Count < fleet.Devices.Count)
            notes.Add($"{participants.Length + excluded.Count} of {fleet.Devices.Count} devices take part in the first round; this is its plan.");
        if (builder.IsEstimate)
            notes.Add("Costs of device classes are estimates; 'edgesplit profile' measures them.");
        return new PlanningInput(builder.ToProblem(), policy ?? (config is null ? given! : PlanPolicies.Parse(config.Policy)), builder)
        {
            Rivals = given is null ? Rivalling : [given, .. Rivalling],
            Notes = notes,
            Rounds = training.Rounds,
            TimeLimit = config?.TimeLimit ?? PlanningTime.DefaultLimit,
        };
    }

    private static ProblemBuilder BuilderOf(PreparedExperiment prepared, Fleet fleet, int[] participants) => new(
        prepared.Network, fleet with { Devices = [.. participants.Select(device => fleet.Devices[device])] }, FleetCosts.WorkOf(prepared.Experiment.Training));

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
