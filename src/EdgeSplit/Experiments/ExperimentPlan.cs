using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Planning.Policies;
using EdgeSplit.Training;
using EdgeSplit.Training.Planned;

namespace EdgeSplit.Experiments;

/// <summary>Who decides the rounds of an experiment: its policy, or its file; with shares wherever the fleet's costs are known.</summary>
public static class ExperimentPlan
{
    /// <param name="prepared">The experiment.</param>
    /// <param name="isOneMachine">Whether all devices compute on this machine.</param>
    /// <param name="clock">Measures the time that a plan may take.</param>
    /// <param name="measured">Profiles measured in this run, by device name; the server's under an empty name.</param>
    /// <exception cref="InvalidInputException">A plan is asked for and costs are not known.</exception>
    /// <exception cref="InfeasiblePlanException">There is no plan for the fleet.</exception>
    public static ICutPlan Of(
        PreparedExperiment prepared, bool isOneMachine, TimeProvider clock, IReadOnlyDictionary<string, Profile>? measured = null)
    {
        Experiment experiment = prepared.Experiment;
        if (experiment.Plan is null && measured is null && !FleetCosts.AreKnown(experiment))
            return new GivenCuts(prepared.Cuts);
        return PlannedCutsOf(prepared, policy: null, isOneMachine, clock, measured);
    }

    /// <summary>The planner of an experiment.</summary>
    /// <param name="prepared">The experiment.</param>
    /// <param name="policy">A policy in place of the experiment's own; null for that, or for the file's cuts where it has none.</param>
    /// <param name="isOneMachine">Whether all devices compute on this machine.</param>
    /// <param name="clock">Measures the time that a plan may take.</param>
    /// <param name="measured">Profiles measured in this run.</param>
    /// <inheritdoc cref="Of"/>
    public static PlannedCuts PlannedCutsOf(
        PreparedExperiment prepared, IPlanPolicy? policy, bool isOneMachine, TimeProvider clock, IReadOnlyDictionary<string, Profile>? measured = null)
    {
        Experiment experiment = prepared.Experiment;
        PlanConfig config = experiment.Plan ?? new PlanConfig("file", ReplanOver: 0, ExcludeInfeasible: false, LendIdleShares: false);
        if (policy is null && experiment.Plan is not null)
            policy = PlanPolicies.Parse(experiment.Plan.Policy);
        IReadOnlyList<int> cuts = prepared.Cuts;
        return new PlannedCuts(
            prepared.Network,
            FleetCosts.Of(experiment, prepared.Network, prepared.Samples, measured),
            FleetCosts.WorkOf(experiment.Training),
            participants => policy ?? new GivenCutsPolicy([.. participants.Select(device => cuts[device])]),
            new PlanSettings(config.ReplanOver, config.ExcludeInfeasible, isOneMachine),
            MethodTiming.Of(experiment.Training.Method, config.LendIdleShares),
            () => new PlanningTime(clock, config.TimeLimit));
    }

    /// <summary>Tells of what no round tells: cuts that the file gives without costs, and devices left out. A run that goes on after a round has told it.</summary>
    public static void Tell(PreparedExperiment prepared, ICutPlan plan, RunSupervision supervision)
    {
        if (supervision.Start is { Rounds: > 0 })
            return;
        if (plan is PlannedCuts planned)
        {
            foreach (InfeasibleDevice device in planned.Excluded)
                supervision.Report(new RunWarning($"{device.Device} takes no part: {device.Reason}"));
            foreach (string doubt in FleetDoubts.Of(planned.Fleet))
                supervision.Report(new RunWarning(doubt));
            return;
        }

        supervision.Report(new RoundPlanned(
            1, "file", "feasible", "the experiment file gives the cuts",
            [.. prepared.Experiment.Devices.Zip(prepared.Cuts, (device, cut) => new PlannedDevice(device.Name, cut))]));
    }
}
