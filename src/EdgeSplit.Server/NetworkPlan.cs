using EdgeSplit.Compute;
using EdgeSplit.Experiments;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Server.Sessions;
using EdgeSplit.Training;
using EdgeSplit.Training.Planned;

namespace EdgeSplit.Server;

/// <summary>What the devices that came will do, round by round.</summary>
public sealed class NetworkPlan
{
    /// <summary>
    /// Of a measured rate. Who sends at all that a link carries builds up a queue in it, until it loses packets: then neither the share
    /// nor the claim holds. The twentieth is what access points are told to leave for the same reason.
    /// </summary>
    private const double PlannedPart = 0.95;

    /// <summary>A link that is measured at so little less than the file says is as the file says.</summary>
    private const double MeasuringError = 0.02;

    private readonly PreparedExperiment prepared, came;
    private readonly ICutPlan plan;
    private readonly PartOfFleet forFleet;
    private readonly MeasuredFleet? measured;
    private readonly DeviceSessions sessions;
    private readonly IReadOnlyList<int> present;

    private readonly IReadOnlyDictionary<string, string> numerics;

    private NetworkPlan(
        PreparedExperiment prepared, PreparedExperiment came, ICutPlan plan, PartOfFleet forFleet, MeasuredFleet? measured, DeviceSessions sessions,
        IReadOnlyList<int> present)
    {
        this.sessions = sessions;
        this.present = present;
        numerics = present.ToDictionary(device => sessions.Terms.Names[device], device => NumericsWords.Shown(sessions.NumericsOf(device)));
        this.prepared = prepared;
        this.came = came;
        this.plan = plan;
        this.forFleet = forFleet;
        this.measured = measured;
    }

    /// <summary>Why this machine cannot play the plan's devices in their own time; empty where it can, or where nothing is known of it.</summary>
    public IReadOnlyList<string> EmulationProblems => plan is PlannedCuts planned && measured?.ServerProfile is { } host
        ? EmulationLoad.ProblemsOf(planned.Present.Plan, planned.Present.Builder, host, Environment.ProcessorCount)
        : [];

    /// <summary>Plans for the devices that are there, by what was measured and what the experiment says.</summary>
    /// <param name="prepared">The experiment.</param>
    /// <param name="sessions">The devices, with their samples and links.</param>
    /// <param name="present">Those that are there, ascending.</param>
    /// <param name="measured">What was measured, and of whom: the others are left out. Null where nothing was.</param>
    /// <param name="isOneMachine">Whether all devices compute on this machine.</param>
    /// <param name="clock">Measures the time that a plan may take.</param>
    /// <exception cref="InvalidInputException">A plan is asked for and costs are not known.</exception>
    /// <exception cref="Planning.InfeasiblePlanException">There is no plan for the fleet.</exception>
    public static NetworkPlan Of(
        PreparedExperiment prepared, DeviceSessions sessions, IReadOnlyList<int> present, MeasuredFleet? measured, bool isOneMachine,
        TimeProvider clock)
    {
        present = measured?.Devices ?? present;
        DeviceConfig[] devices = [.. present.Select(device => prepared.Experiment.Devices[device])];
        if (measured is not null)
            devices = [.. devices.Zip(measured.Links, (device, rates) => device with { Link = Narrower(device.Link, rates) })];
        PreparedExperiment came = prepared.For(devices, [.. present.Select(sessions.SamplesOf)]);
        ICutPlan plan = ExperimentPlan.Of(came, isOneMachine, clock, measured?.Profiles);
        return new NetworkPlan(prepared, came, plan, new PartOfFleet(plan, present, sessions.MeterOf), measured, sessions, present);
    }

    /// <summary>Trains the fleet.</summary>
    public async Task<TrainingResult> TrainAsync(IFleet fleet, FailurePolicy failures, ComputeLanes lanes, TimeProvider clock, RunSupervision supervision)
    {
        RoundMemory memory = new(came.Experiment.Devices.Count);
        Action<RunEvent> report = supervision.Report;
        supervision = sessions.Notices.Watch(supervision with { Report = happened => report(memory.Noted(happened)) });
        prepared.ReportStart(lanes, supervision, numerics);
        foreach (string otherwise in numerics.Select(one => NumericsWords.OfDevice(one.Key, one.Value, lanes.Numerics)).OfType<string>())
            supervision.Report(new RunWarning(otherwise));
        foreach (int device in present)
        {
            StatedData stated = sessions.DataOf(device);
            supervision.Report(new DeviceJoined(sessions.Terms.Names[device], stated.Count) { DataDigest = stated.Digest });
        }

        using IDisposable notices = sessions.Notices.Begin(supervision.Report);
        foreach (string device in measured?.LeftOut ?? [])
            supervision.Report(new RunWarning($"the run goes on without {device}"));
        ExperimentPlan.Tell(came, plan, supervision);
        return await prepared.TrainAsync(forFleet, fleet, failures, lanes, clock, supervision).ConfigureAwait(false);
    }

    /// <summary>What the file says of a link holds; what it does not say, or what the link does not keep, is measured.</summary>
    internal static LinkSpec Narrower(LinkSpec given, Wire.LinkMeasurement measured) => new(
        Narrower(given.UplinkBitsPerSecond, measured.UplinkBitsPerSecond),
        Narrower(given.DownlinkBitsPerSecond, measured.DownlinkBitsPerSecond),
        Math.Max(given.LatencySeconds, measured.LatencySeconds));

    private static double Narrower(double given, double measured) => measured >= given * (1 - MeasuringError) ? given : measured * PlannedPart;
}
