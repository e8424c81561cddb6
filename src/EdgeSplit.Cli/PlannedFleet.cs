using EdgeSplit.Experiments;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Training;

namespace EdgeSplit.Cli;

/// <summary>An experiment's fleet and work as its first round is planned.</summary>
/// <param name="Prepared">The experiment.</param>
/// <param name="Fleet">All of its devices with their costs.</param>
/// <param name="Work">What a round is made of.</param>
/// <param name="Excluded">Devices left out because no cut is feasible for them.</param>
internal sealed record PlannedFleet(PreparedExperiment Prepared, Fleet Fleet, RoundWork Work, IReadOnlySet<string> Excluded)
{
    /// <summary>Those that take part in the first round, by their place in the fleet.</summary>
    public int[] Participants => [.. Drawn.Where(device => !Excluded.Contains(Fleet.Devices[device].Name))];

    public ProblemBuilder Builder => new(
        Prepared.Network, Fleet with { Devices = [.. Participants.Select(device => Fleet.Devices[device])] }, Work);

    /// <summary>How many were drawn for the first round, the excluded among them.</summary>
    public int DrawnCount => Drawn.Length;

    private int[] Drawn
    {
        get
        {
            TrainingSpec training = Prepared.Experiment.Training;
            return Participation.Draw([.. Enumerable.Range(0, Fleet.Devices.Count)], training.Participation, training.Seed, round: 1);
        }
    }

    /// <summary>The same experiment without some devices: what they would have had of the data is dealt to the others.</summary>
    public PlannedFleet Without(IReadOnlySet<string> devices)
    {
        PreparedExperiment prepared = Prepared.Without(devices);
        return this with { Prepared = prepared, Fleet = FleetCosts.Of(prepared.Experiment, prepared.Network, prepared.Samples) };
    }
}
