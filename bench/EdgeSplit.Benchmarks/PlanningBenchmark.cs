using System.Globalization;
using EdgeSplit.Numerics;
using EdgeSplit.Planning;
using EdgeSplit.Planning.Policies;
using EdgeSplit.Simulation;

namespace EdgeSplit.Benchmarks;

/// <summary>
/// Times of planning and simulation by fleet size, on one thread, with the gap each plan certifies. Medians of several repetitions, and
/// beside the large fleets the time to read their numbers once, which tells a busy machine from a slow planner.
/// </summary>
internal static class PlanningBenchmark
{
    private const int Cuts = 20;
    private const int Repetitions = 5;

    public static void Run()
    {
        foreach (string policy in new[] { "optimal", "edgesplit", "uniform", "equal-shares" })
            Plan(Fleet(2_000, 1), policy);
        Plan(Fleet(2_000, 2, serverWork: 3), "optimal");
        foreach (int devices in new[] { 10_000, 100_000, 1_000_000 })
        {
            Problem fleet = Fleet(devices, 1);
            Read(fleet);
            foreach (string policy in new[] { "optimal", "edgesplit" })
                Measure("one resource", fleet, policy);
        }

        Problem large = Fleet(100_000, 1);
        foreach (string policy in new[] { "uniform", "equal-shares", "fixed:10", "random:1" })
            Measure("one resource", large, policy);
        foreach (int devices in new[] { 8, 50, 1_000, 10_000 })
            Measure("two resources", Fleet(devices, 2), "optimal");
        foreach (int devices in new[] { 8, 50, 1_000, 10_000 })
            Measure("two resources and a busy server", Fleet(devices, 2, serverWork: 3), "optimal");
        Measure("three resources", Fleet(50, 3), "optimal");
        Measure("three resources and a busy server", Fleet(50, 3, serverWork: 3), "optimal");
        Measure("four resources", Fleet(50, 4), "optimal");
        Simulate(100_000, 10);
    }

    private static void Measure(string what, Problem problem, string policy)
    {
        double gap = 0;
        double seconds = Median(() => gap = Plan(problem, policy).Gap);
        Print($"{problem.DeviceCount:N0} devices, {what}, {Cuts} cuts, {policy}: {seconds:0.000} s, {1e6 * seconds / problem.DeviceCount:0.00} µs a device, gap {gap:0.0E+0}");
    }

    private static Plan Plan(Problem problem, string policy) => Planner.Decide(problem, PlanPolicies.Parse(policy));

    /// <summary>Reads every number that a plan depends on once.</summary>
    private static void Read(Problem problem)
    {
        double sum = 0;
        double seconds = Median(() =>
        {
            for (int option = 0; option < problem.OptionCount; option++)
                sum += problem.FixedSeconds(option) + problem.Demand(option, 0) + problem.CutMemoryBytes(option);
        });
        Print($"{problem.DeviceCount:N0} devices, one resource, {Cuts} cuts, reading them once: {seconds:0.000} s{(sum > 0 ? "" : ".")}");
    }

    private static void Simulate(int devices, int steps)
    {
        Plan plan = Planner.Decide(Fleet(devices, 1, serverWork: 0.02), new EdgeSplitPolicy());
        IReadOnlyList<DeviceWorkload> workloads = PlanWorkloads.Of(plan, steps);
        double @static = 0;
        double lent = 0;
        double seconds = Median(() => @static = RoundSimulator.Run(plan, workloads).RoundSeconds);
        Print($"simulation, {devices:N0} devices, {steps} steps, static shares: {seconds:0.000} s");
        seconds = Median(() => lent = RoundSimulator.Run(plan, workloads, new SimulationOptions(LendIdleShares: true)).RoundSeconds);
        Print($"simulation, {devices:N0} devices, {steps} steps, idle shares lent: {seconds:0.000} s; its round is {1 - (lent / @static):P1} faster");
    }

    /// <summary>Devices of several speeds; a server's work falls with the cut, and decides the round where <paramref name="serverWork"/> is large.</summary>
    private static Problem Fleet(int devices, int reserved, double serverWork = 0)
    {
        SeededRandom random = new(7, (ulong)devices);
        ProblemDraft draft = new([
            .. Enumerable.Range(0, reserved).Select(index => new Resource($"link-{index}", 1e6 * devices)),
            .. serverWork > 0 ? [new Resource("server", devices, Sharing.WorkConserving)] : Array.Empty<Resource>()]);
        for (int device = 0; device < devices; device++)
        {
            draft.AddDevice($"d{device}");
            double speed = 0.2 + random.NextDouble();
            for (int cut = 1; cut <= Cuts; cut++)
            {
                draft.AddCut(cut, (cut + random.NextDouble()) / speed);
                for (int resource = 0; resource < reserved; resource++)
                    draft.SetDemand(resource, 1e6 * (0.5 + (random.NextDouble() * 2 * (Cuts + 1 - cut))));
                if (serverWork > 0)
                    draft.SetDemand(reserved, serverWork * (Cuts - cut));
            }
        }

        return draft.ToProblem();
    }

    private static double Median(Action work)
    {
        double[] seconds = new double[Repetitions];
        for (int repetition = 0; repetition < seconds.Length; repetition++)
        {
            GC.Collect();
            long start = TimeProvider.System.GetTimestamp();
            work();
            seconds[repetition] = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        }

        Array.Sort(seconds);
        return seconds[Repetitions / 2];
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
