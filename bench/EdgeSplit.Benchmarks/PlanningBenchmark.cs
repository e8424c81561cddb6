using System.Globalization;
using EdgeSplit.Numerics;
using EdgeSplit.Planning;
using EdgeSplit.Planning.Policies;
using EdgeSplit.Simulation;

namespace EdgeSplit.Benchmarks;

/// <summary>Times of planning and simulation by fleet size, on one thread, with the gap each plan certifies.</summary>
internal static class PlanningBenchmark
{
    private const int Cuts = 20;

    public static void Run()
    {
        foreach (string policy in new[] { "optimal", "edgesplit", "uniform", "equal-shares" })
            Measure("warm-up", Fleet(2_000, 1), policy);
        Measure("warm-up", Fleet(2_000, 2), "optimal");
        foreach (int devices in new[] { 10_000, 30_000, 100_000, 300_000, 1_000_000 })
        {
            Problem fleet = Fleet(devices, 1);
            foreach (string policy in new[] { "optimal", "edgesplit" })
                Measure($"{devices:N0} devices, one resource", fleet, policy);
        }

        Problem large = Fleet(100_000, 1);
        foreach (string policy in new[] { "uniform", "equal-shares", "fixed:10", "random:1" })
            Measure("100,000 devices, one resource", large, policy);
        foreach (int devices in new[] { 8, 50, 100, 1_000, 10_000 })
            Measure($"{devices:N0} devices, two resources", Fleet(devices, 2), "optimal");
        Simulate(100_000, 10);
    }

    private static void Measure(string what, Problem problem, string policy)
    {
        GC.Collect();
        long start = TimeProvider.System.GetTimestamp();
        Plan plan = Planner.Decide(problem, PlanPolicies.Parse(policy));
        double seconds = Elapsed(start);
        Print($"{what}, {Cuts} cuts, {policy}: {seconds:0.000} s, {1e6 * seconds / problem.DeviceCount:0.00} µs a device, gap {plan.Gap:0.0E+0}");
    }

    private static void Simulate(int devices, int steps)
    {
        Plan plan = Planner.Decide(Fleet(devices, 1, hasServer: true), new EdgeSplitPolicy());
        IReadOnlyList<DeviceWorkload> workloads = PlanWorkloads.Of(plan, steps);
        long start = TimeProvider.System.GetTimestamp();
        double @static = RoundSimulator.Run(plan, workloads).RoundSeconds;
        Print($"simulation, {devices:N0} devices, {steps} steps, static shares: {Elapsed(start):0.000} s");
        start = TimeProvider.System.GetTimestamp();
        double lent = RoundSimulator.Run(plan, workloads, new SimulationOptions(LendIdleShares: true)).RoundSeconds;
        Print($"simulation, {devices:N0} devices, {steps} steps, idle shares lent: {Elapsed(start):0.000} s; its round is {1 - (lent / @static):P1} faster");
    }

    private static Problem Fleet(int devices, int reserved, bool hasServer = false)
    {
        SeededRandom random = new(7, (ulong)devices);
        ProblemDraft draft = new([
            .. Enumerable.Range(0, reserved).Select(index => new Resource($"link-{index}", 1e6 * devices)),
            .. hasServer ? [new Resource("server", devices, Sharing.WorkConserving)] : Array.Empty<Resource>()]);
        for (int device = 0; device < devices; device++)
        {
            draft.AddDevice($"d{device}");
            double speed = 0.2 + random.NextDouble();
            for (int cut = 1; cut <= Cuts; cut++)
            {
                draft.AddCut(cut, (cut + random.NextDouble()) / speed);
                for (int resource = 0; resource < reserved; resource++)
                    draft.SetDemand(resource, 1e6 * (0.5 + (random.NextDouble() * 2 * (Cuts + 1 - cut))));
                if (hasServer)
                    draft.SetDemand(reserved, 0.02 * (Cuts - cut));
            }
        }

        return draft.ToProblem();
    }

    private static double Elapsed(long start) => TimeProvider.System.GetElapsedTime(start).TotalSeconds;

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
