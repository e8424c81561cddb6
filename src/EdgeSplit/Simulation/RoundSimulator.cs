using EdgeSplit.Planning;

namespace EdgeSplit.Simulation;

/// <summary>How a simulated fleet shares.</summary>
/// <param name="LendIdleShares">What one device leaves idle of a reserved resource, the others use.</param>
/// <param name="Order">Whom the server serves next.</param>
/// <param name="RecordTrace">Keep every stage's start and end.</param>
/// <param name="AggregationSeconds">After the last device.</param>
public sealed record SimulationOptions(
    bool LendIdleShares = false, ServerOrder Order = ServerOrder.FirstCome, bool RecordTrace = false, double AggregationSeconds = 0);

/// <summary>One stage as it happened.</summary>
public sealed record TraceEntry(int Device, string Stage, StageKind Kind, double Start, double End);

/// <summary>A round as simulated.</summary>
/// <param name="RoundSeconds">Until the last device and the aggregation ended.</param>
/// <param name="DeviceSeconds">When each device ended.</param>
/// <param name="Trace">Every stage in the order it ended, where recorded; waiting shows as the gaps between.</param>
public sealed record SimulatedRound(double RoundSeconds, double[] DeviceSeconds, IReadOnlyList<TraceEntry> Trace);

/// <summary>
/// Discrete-event simulation of one round on a virtual clock: each device goes through its stages, alone, over its share of a
/// link, or through the server's queue. Deterministic: events at one time go by device.
/// </summary>
public sealed class RoundSimulator
{
    private readonly Plan plan;
    private readonly IReadOnlyList<DeviceWorkload> workloads;
    private readonly SimulationOptions options;
    private readonly SharedLink?[] links;
    private readonly ServerLanes?[] servers;
    private readonly int[] stageOf;
    private readonly double[] startedAt;
    private readonly double[] remaining;
    private readonly double[] ends;
    private readonly EventQueue queue = new();
    private readonly List<TraceEntry> trace = [];

    private RoundSimulator(Plan plan, IReadOnlyList<DeviceWorkload> workloads, SimulationOptions options)
    {
        this.plan = plan;
        this.workloads = workloads;
        this.options = options;
        Problem problem = plan.Problem;
        int devices = problem.DeviceCount;
        links = new SharedLink?[problem.Resources.Length];
        servers = new ServerLanes?[problem.Resources.Length];
        for (int resource = 0; resource < links.Length; resource++)
        {
            double capacity = problem.Resources[resource].Capacity;
            if (problem.Resources[resource].Sharing == Sharing.WorkConserving)
                servers[resource] = new ServerLanes(capacity, options.Order);
            else if (options.LendIdleShares)
                links[resource] = new SharedLink(capacity, PerDevice(plan.Share, resource), PerDevice(problem.Cap, resource));
        }

        stageOf = new int[devices];
        startedAt = new double[devices];
        ends = new double[devices];
        remaining = [.. workloads.Select((workload, device) => TotalSeconds(workload, device))];

        double[] PerDevice(Func<int, int, double> value, int resource) =>
            [.. Enumerable.Range(0, devices).Select(device => value(device, resource))];
    }

    /// <param name="plan">A feasible plan: its shares, and the problem's capacities and caps.</param>
    /// <param name="workloads">What each device does, in the problem's order.</param>
    /// <param name="options">How they share; static shares, first come, no trace where null.</param>
    public static SimulatedRound Run(Plan plan, IReadOnlyList<DeviceWorkload> workloads, SimulationOptions? options = null)
    {
        if (plan.Status == PlanStatus.Infeasible)
            throw new ArgumentException("the plan is infeasible", nameof(plan));
        ArgumentOutOfRangeException.ThrowIfNotEqual(workloads.Count, plan.Problem.DeviceCount);
        return new RoundSimulator(plan, workloads, options ?? new SimulationOptions()).Run();
    }

    private SimulatedRound Run()
    {
        for (int device = 0; device < ends.Length; device++)
            Continue(device, 0);
        while (true)
        {
            double now = queue.NextTime;
            int link = -1;
            for (int resource = 0; resource < links.Length; resource++)
            {
                if (links[resource]?.NextFinish is double finish && finish < now)
                    (now, link) = (finish, resource);
            }

            if (double.IsPositiveInfinity(now))
                break;
            if (link >= 0)
                Finish(links[link]!.End(now), now);
            else
                Handle(queue.Take().Item, now);
            if (queue.NextTime > now)
                StartServing(now);
        }

        return new SimulatedRound(ends.Max() + options.AggregationSeconds, ends, trace);
    }

    /// <summary>An event is twice the device, plus one where a server lane has finished its work.</summary>
    private void Handle(long item, double now)
    {
        int device = (int)(item >> 1);
        Stage stage = workloads[device][stageOf[device]];
        if ((item & 1) == 1)
        {
            servers[stage.Resource]!.Release();
            Finish(device, now);
            return;
        }

        startedAt[device] = now;
        if (stage.Kind == StageKind.Server)
            servers[stage.Resource]!.Arrive(device, remaining[device] - Seconds(stage, device));
        else
            links[stage.Resource]!.Begin(device, stage.Amount, now);
    }

    private void StartServing(double now)
    {
        foreach (ServerLanes? server in servers)
        {
            while (server is not null && server.TryStart(out int device))
            {
                startedAt[device] = now;
                queue.Add(now + Seconds(workloads[device][stageOf[device]], device), (2L * device) + 1);
            }
        }
    }

    private void Finish(int device, double now)
    {
        Stage stage = workloads[device][stageOf[device]];
        Record(device, stage, startedAt[device], now);
        remaining[device] -= Seconds(stage, device);
        stageOf[device]++;
        Continue(device, now);
    }

    /// <summary>Passes through stages whose time nobody else changes, up to the next that waits or shares.</summary>
    private void Continue(int device, double now)
    {
        DeviceWorkload workload = workloads[device];
        int count = workload.StageCount;
        while (stageOf[device] < count)
        {
            Stage stage = workload[stageOf[device]];
            if (stage.Amount > 0 && (stage.Kind == StageKind.Server || (stage.Kind == StageKind.Transfer && links[stage.Resource] is not null)))
            {
                queue.Add(now, 2L * device);
                return;
            }

            double seconds = Seconds(stage, device);
            Record(device, stage, now, now + seconds);
            now += seconds;
            remaining[device] -= seconds;
            stageOf[device]++;
        }

        ends[device] = now;
    }

    private void Record(int device, Stage stage, double start, double end)
    {
        if (options.RecordTrace && end > start)
            trace.Add(new TraceEntry(device, stage.Name, stage.Kind, start, end));
    }

    /// <summary>The stage's time with nobody in the way, at the device's own share.</summary>
    private double Seconds(Stage stage, int device) => stage.Kind switch
    {
        _ when stage.Amount == 0 => 0,
        StageKind.Transfer => stage.Amount / plan.Share(device, stage.Resource),
        StageKind.Server => stage.Amount / servers[stage.Resource]!.Speed,
        _ => stage.Amount,
    };

    private double TotalSeconds(DeviceWorkload workload, int device)
    {
        double Sum(IReadOnlyList<Stage> stages) => stages.Sum(stage => Seconds(stage, device));
        return Sum(workload.Start) + (Math.Max(0, workload.Steps - 1) * Sum(workload.Step))
            + (workload.Steps > 0 ? Sum(workload.LastStep) : 0) + Sum(workload.End);
    }
}
