using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Planning.Policies;
using EdgeSplit.Simulation.Methods;
using EdgeSplit.Training;

namespace EdgeSplit.Experiments.Comparisons;

/// <summary>All rounds of one method on a virtual clock.</summary>
/// <param name="First">The first round, in full.</param>
/// <param name="Seconds">Of each round; empty where the method cannot run.</param>
internal sealed record RoundTimes(MethodTime First, IReadOnlyList<double> Seconds)
{
    /// <summary>Devices that do not fit, by name with the reason; empty where the method can run.</summary>
    public IReadOnlyList<InfeasibleDevice> Infeasible { get; init; } = [];

    /// <summary>Devices left out because the experiment's plan says to.</summary>
    public IReadOnlyList<string> Excluded { get; init; } = [];

    public double MeanSeconds => Seconds.Average();

    /// <summary>Until the end of a round, what comes before the first included.</summary>
    public double SecondsUntil(int round) => First.SetupSeconds + Seconds.Take(round).Sum();
}

/// <summary>Times an experiment's rounds by the clock of each method.</summary>
/// <param name="experiment">As the method edgesplit has it.</param>
/// <param name="whole">The costs of the whole fleet.</param>
/// <param name="clock">Measures the time that a plan may take.</param>
internal sealed class RoundTimer(Experiment experiment, ProblemBuilder whole, TimeProvider clock)
{
    private readonly Fleet fleet = whole.Fleet;

    /// <summary>Times every round, with those devices that take part in it.</summary>
    /// <param name="clock">The method's.</param>
    /// <param name="commonCut">The cut of methods with one for all; null where no cut fits all devices.</param>
    public RoundTimes Time(MethodClock clock, int? commonCut)
    {
        int[] all = [.. Enumerable.Range(0, fleet.Devices.Count)];
        InfeasibleDevice[] excluded = clock.Cuts == CutChoice.PerDevice && experiment.Plan is { ExcludeInfeasible: true }
            ? [.. whole.ToProblem().InfeasibleDevices()]
            : [];
        int[] able = [.. all.Where(device => excluded.All(other => other.Device != fleet.Devices[device].Name))];
        if (able.Length == 0)
            return new RoundTimes(new MethodTime(clock.Method, double.PositiveInfinity), []) { Infeasible = excluded };
        TrainingSpec training = experiment.Training;
        MethodTime? first = null;
        List<double> seconds = [];
        int[] before = [];
        for (int round = 1; round <= training.Rounds; round++)
        {
            int[] devices = Participation.Draw(able, training.Participation, training.Seed, round);
            if (clock.Cuts == CutChoice.NoDevices || devices.AsSpan().SequenceEqual(before))
            {
                first ??= Of(clock, all, commonCut);
                seconds.Add(seconds.Count > 0 ? seconds[^1] : first.RoundSeconds);
                continue;
            }

            MethodTime time = Of(clock, devices, commonCut);
            if (!time.IsFeasible)
                return new RoundTimes(time, []) { Infeasible = time.Infeasible };
            first ??= time;
            seconds.Add(time.RoundSeconds);
            before = devices;
        }

        return new RoundTimes(first!, seconds) { Excluded = [.. excluded.Select(device => device.Device)] };
    }

    /// <summary>One round of some of the devices.</summary>
    public MethodTime Of(MethodClock clock, int[] devices, int? commonCut)
    {
        ProblemBuilder costs = new(whole.Network, fleet with { Devices = [.. devices.Select(device => fleet.Devices[device])] }, whole.Work);
        return clock.Time(costs, PolicyOf(clock, devices, commonCut), experiment.Plan is { LendIdleShares: true }, TimeLimit());
    }

    /// <summary>The cut that lets a round of the whole fleet end the earliest, of those that all devices offer; null if there is none.</summary>
    public int? BestCommonCut()
    {
        Plan plan = Planner.Decide(whole.ToProblem(), new UniformPolicy(), TimeLimit());
        return plan.Status == PlanStatus.Infeasible ? null : plan.Cut(0);
    }

    private PlanningTime TimeLimit() => new(clock, experiment.Plan?.TimeLimit ?? PlanningTime.DefaultLimit);

    private IPlanPolicy PolicyOf(MethodClock clock, int[] devices, int? commonCut) => clock.Cuts switch
    {
        CutChoice.PerDevice when experiment.Plan is { } plan => PlanPolicies.Parse(plan.Policy),
        CutChoice.PerDevice => new GivenCutsPolicy([.. devices.Select(device => experiment.Devices[device].Cut ?? whole.Network.Length)]),
        CutChoice.Common when commonCut is { } cut => new FixedCutPolicy(cut),
        // Names the devices in the way.
        _ => new UniformPolicy(),
    };
}
