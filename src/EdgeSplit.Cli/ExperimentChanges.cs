using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Planning.Policies;
using EdgeSplit.Training;

namespace EdgeSplit.Cli;

/// <summary>What could be changed about an experiment so that its rounds end sooner.</summary>
/// <param name="planned">The experiment, as it is planned now.</param>
/// <param name="policyOf">The policy for some devices of an experiment.</param>
internal sealed class ExperimentChanges(PlannedFleet planned, Func<PlannedFleet, IPlanPolicy> policyOf)
{
    private const double HalfTheBytes = 0.5;

    public IEnumerable<PlanChange> All()
    {
        ProblemBuilder costs = planned.Builder;
        TrainingSpec training = planned.Prepared.Experiment.Training;
        string[] slowest = [.. SlowestDevices.Of(costs.ToProblem()).Select(device => costs.Fleet.Devices[device].Name)];
        if (slowest.Length > 0)
            yield return new PlanChange(SlowestDevices.Named(slowest), null, () => Asked(planned.Without(slowest.ToHashSet())));
        if (costs.Work.WireRatio == 1)
            yield return new PlanChange("training.encoding: bf16", null, () => Asked(planned with { Work = costs.Work with { WireRatio = HalfTheBytes } }));
        yield return new PlanChange("twice the shared link", null, () => Asked(planned with { Fleet = planned.Fleet with { Server = Twice(planned.Fleet.Server) } }));
        if (slowest.Length > 0 && costs.Fleet.Devices.Any(device => slowest.Contains(device.Name) && HasLimit(device.Link)))
        {
            yield return new PlanChange(
                $"twice the own link of {SlowestDevices.Named(slowest)["without ".Length..]}", null,
                () => Asked(planned with { Fleet = planned.Fleet with { Devices = [.. planned.Fleet.Devices.Select(device => slowest.Contains(device.Name) ? Twice(device) : device)] } }));
        }

        if (training.BatchSize > 1)
        {
            int half = training.BatchSize / 2;
            yield return new PlanChange(
                FormattableString.Invariant($"training.batch: {half}"),
                training.LocalWork is LocalWork.Steps ? "of fewer samples a round" : null,
                () => Asked(planned with { Work = costs.Work with { BatchSize = half } }));
        }
    }

    private (Problem Problem, IPlanPolicy Policy) Asked(PlannedFleet changed) => (changed.Builder.ToProblem(), policyOf(changed));

    private static bool HasLimit(LinkSpec link) => double.IsFinite(link.UplinkBitsPerSecond) || double.IsFinite(link.DownlinkBitsPerSecond);

    private static FleetDevice Twice(FleetDevice device) => device with
    {
        Link = device.Link with { UplinkBitsPerSecond = 2 * device.Link.UplinkBitsPerSecond, DownlinkBitsPerSecond = 2 * device.Link.DownlinkBitsPerSecond },
    };

    private static FleetServer Twice(FleetServer server) => server with
    {
        Bandwidth = server.Bandwidth switch
        {
            SharedBandwidth.Pool pool => new SharedBandwidth.Pool(2 * pool.BitsPerSecond),
            SharedBandwidth.Duplex both => new SharedBandwidth.Duplex(2 * both.UplinkBitsPerSecond, 2 * both.DownlinkBitsPerSecond),
            _ => throw new ArgumentOutOfRangeException(nameof(server), server.Bandwidth, null),
        },
    };
}
