using EdgeSplit.Models;
using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Planning.Policies;
using EdgeSplit.Wire;

namespace EdgeSplit.Training.Planned;

/// <summary>
/// Plans each round for the devices that take part in it, by the costs of the fleet; and again where other devices take part, or
/// where what was measured drifts from what the plan took it to be.
/// </summary>
public sealed class PlannedCuts : ICutPlan
{
    private readonly Network network;
    private readonly Fleet fleet;
    private readonly RoundWork work;
    private readonly Func<IReadOnlyList<int>, IPlanPolicy> policyOf;
    private readonly Func<ProblemBuilder, Plan, RoundTiming> timingOf;
    private readonly Func<PlanningTime> timeOf;
    private readonly ComputeDrift compute;
    private readonly LinkDrift links;
    private readonly ProblemBuilder asGiven;
    private PlannedRound? current;

    /// <param name="network">The whole network.</param>
    /// <param name="fleet">The devices and the server, with their costs.</param>
    /// <param name="work">What a round is made of.</param>
    /// <param name="policyOf">The policy for the devices that take part, ascending.</param>
    /// <param name="settings">What else the user said.</param>
    /// <param name="timingOf">What the training method makes of a plan; null where its devices go side by side, as plans have it.</param>
    /// <param name="timeOf">How long each plan may take; null for as long as it takes.</param>
    /// <exception cref="InvalidInputException">A profile is not of this network.</exception>
    /// <exception cref="InfeasiblePlanException">There is no plan for the fleet.</exception>
    public PlannedCuts(
        Network network, Fleet fleet, RoundWork work, Func<IReadOnlyList<int>, IPlanPolicy> policyOf, PlanSettings settings,
        Func<ProblemBuilder, Plan, RoundTiming>? timingOf = null, Func<PlanningTime>? timeOf = null)
    {
        this.network = network;
        this.fleet = fleet;
        this.work = work;
        this.policyOf = policyOf;
        this.timingOf = timingOf ?? RoundTiming.SideBySide;
        this.timeOf = timeOf ?? (() => PlanningTime.Unlimited);
        compute = new ComputeDrift(fleet, settings.ReplanOver, settings.IsOneMachine);
        links = new LinkDrift(fleet, settings.ReplanOver);
        asGiven = new ProblemBuilder(network, fleet, work);
        Excluded = settings.ExcludesInfeasible ? asGiven.ToProblem().InfeasibleDevices() : [];
        HashSet<string> excluded = [.. Excluded.Select(device => device.Device)];
        Devices = [.. Enumerable.Range(0, fleet.Devices.Count).Where(device => !excluded.Contains(fleet.Devices[device].Name))];
        if (Devices.Count == 0)
            throw new InfeasiblePlanException(policyOf([]).Name, [.. Excluded]);
        Plan(Devices);
    }

    public IReadOnlyList<int> Devices { get; }

    /// <summary>All devices and the server, with their costs as given.</summary>
    public Fleet Fleet => fleet;

    /// <summary>The devices left out because no cut is feasible for them, and why.</summary>
    public IReadOnlyList<InfeasibleDevice> Excluded { get; }

    /// <summary>The plan of the present round, and what its costs were made of.</summary>
    public (Plan Plan, ProblemBuilder Builder) Present { get; private set; }

    public PlannedRound Decide(int round, IReadOnlyList<int> participants)
    {
        List<string> reasons = [];
        if (current is null)
            reasons.Add("the first plan");
        else if (!current.Assignments.Select(one => one.Device).SequenceEqual(participants))
            reasons.Add("other devices take part");
        reasons.AddRange(compute.Settle());
        reasons.AddRange(links.Settle());
        if (reasons.Count == 0)
            return current! with { Decision = null };
        Plan plan = Plan(participants);
        if (plan.TimeLimit is { } limit)
            reasons.Add(PlanningWords.OfTimeLimit(limit));
        RoundTiming timing = timingOf(Present.Builder, plan);
        current = new PlannedRound(
            [.. participants.Select((device, index) => new Assignment(device, plan.Cut(index), timing.Shares[index]))], timing.RoundSeconds)
        {
            Decision = DecisionOf(round, plan, timing, string.Join("; ", reasons)),
        };
        return current;
    }

    public void GoOnWith(RoundPlanned planned)
    {
        string uplink = Present.Plan.Problem.Resources[ProblemBuilder.Uplink].Name, downlink = Present.Plan.Problem.Resources[Present.Builder.Downlink].Name;
        Dictionary<string, int> numbers = fleet.Devices.Index().ToDictionary(entry => entry.Item.Name, entry => entry.Index);
        List<Assignment> assignments = [];
        foreach (PlannedDevice device in planned.Devices)
        {
            if (!numbers.TryGetValue(device.Name, out int number) || device.Cut < 1 || device.Cut > network.Length || ShareOf(device.Shares, uplink, downlink) is not { } share)
                return;
            assignments.Add(new Assignment(number, device.Cut, share));
        }

        current = new PlannedRound(assignments, planned.RoundSeconds);
    }

    public void Observe(DeviceMeasurement measurement)
    {
        compute.Observe(measurement, asGiven.Round(measurement.Device, measurement.Cut).DeviceSeconds);
        if (current?.Assignments.FirstOrDefault(one => one.Device == measurement.Device) is { Share: { } share })
            links.Observe(measurement, share);
    }

    private Plan Plan(IReadOnlyList<int> participants)
    {
        ProblemBuilder builder = new(network, fleet with { Devices = [.. participants.Select(AsMeasured)] }, work);
        Plan plan = Planner.Decide(builder.ToProblem(), policyOf(participants), timeOf());
        if (plan.Status == PlanStatus.Infeasible)
            throw new InfeasiblePlanException(plan.Policy, plan.Infeasible);
        Present = (plan, builder);
        return plan;
    }

    private FleetDevice AsMeasured(int device)
    {
        FleetDevice given = fleet.Devices[device];
        double factor = compute.FactorOf(device);
        return given with { Profile = factor == 1 ? given.Profile : given.Profile.Times(factor), Link = links.Limit(device, given.Link) };
    }

    private static LinkShare? ShareOf(IReadOnlyDictionary<string, double>? shares, string uplink, string downlink) =>
        shares is not null && shares.TryGetValue(uplink, out double up) && shares.TryGetValue(downlink, out double down) && up >= 0 && down >= 0
            ? new LinkShare(up, down)
            : null;

    private RoundPlanned DecisionOf(int round, Plan plan, RoundTiming timing, string reason) => new(
        round, plan.Policy, PlanWriter.StatusName(plan.Status), reason,
        [.. Enumerable.Range(0, plan.Problem.DeviceCount).Select(device => new PlannedDevice(
            plan.Problem.DeviceName(device), plan.Cut(device), SharesOf(plan.Problem, timing.Shares[device])))],
        timing.RoundSeconds, plan.LowerBoundSeconds, Present.Builder.IsEstimate);

    private Dictionary<string, double> SharesOf(Problem problem, LinkShare share)
    {
        Dictionary<string, double> shares = [];
        if (problem.Resources[ProblemBuilder.Uplink].Sharing == Sharing.Reserved)
            shares[problem.Resources[ProblemBuilder.Uplink].Name] = share.UplinkBitsPerSecond;
        if (problem.Resources[Present.Builder.Downlink].Sharing == Sharing.Reserved)
            shares[problem.Resources[Present.Builder.Downlink].Name] = share.DownlinkBitsPerSecond;
        return shares;
    }
}

/// <summary>How a fleet is planned in training.</summary>
/// <param name="ReplanOver">The drift beyond which a round is planned again, relative; 0 for never.</param>
/// <param name="ExcludesInfeasible">Train without the devices for which no cut is feasible.</param>
/// <param name="IsOneMachine">Whether all devices compute on this one machine, so that only how they drift apart means anything.</param>
public sealed record PlanSettings(double ReplanOver = 0.25, bool ExcludesInfeasible = false, bool IsOneMachine = false);
