using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Planning.Policies;

namespace EdgeSplit.Simulation.Methods;

/// <summary>What a training method lets be decided about cuts.</summary>
public enum CutChoice
{
    /// <summary>Each device has its own.</summary>
    PerDevice,

    /// <summary>One for all devices.</summary>
    Common,

    /// <summary>None: every device trains the whole network.</summary>
    WholeNetwork,

    /// <summary>None: the devices train nothing.</summary>
    NoDevices,
}

/// <summary>
/// How long a round of one training method takes on a fleet: its messages, waits and barriers as they really follow each other, on a
/// virtual clock. All clocks read the same cost model (docs/planning.md), so their times differ by the methods alone; with a single
/// device and the same cut, all that split the network take the same.
/// </summary>
public abstract class MethodClock
{
    /// <summary>The method's name, as experiment files spell it.</summary>
    public abstract string Method { get; }

    /// <summary>What the round is made of, in a sentence for people.</summary>
    public abstract string Explanation { get; }

    public abstract CutChoice Cuts { get; }

    /// <summary>Times a round of all devices of a fleet.</summary>
    /// <param name="costs">The fleet, the network and the work, as costs.</param>
    /// <param name="policy">What decides the cuts; one with a common cut, where the method asks for that.</param>
    /// <param name="lendsIdleShares">What one device leaves idle of the link, the others use.</param>
    /// <param name="planning">How long the plan may take; null for as long as it takes.</param>
    public abstract MethodTime Time(ProblemBuilder costs, IPlanPolicy policy, bool lendsIdleShares = false, PlanningTime? planning = null);

    /// <summary>The round, by what every stage of every device took.</summary>
    private protected MethodTime Timed(ProblemBuilder costs, Plan plan, double roundSeconds, IReadOnlyList<TraceEntry> trace) => new(Method, roundSeconds)
    {
        Plan = plan,
        Devices = DeviceTimes.Of(costs, plan, roundSeconds, trace),
        Trace = trace,
    };

    private protected MethodTime Infeasible(Plan plan) => new(Method, double.PositiveInfinity) { Infeasible = plan.Infeasible };
}
