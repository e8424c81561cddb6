using EdgeSplit.Planning;
using EdgeSplit.Simulation;

namespace EdgeSplit.Cli.Commands;

/// <summary>One simulated round drawn in the terminal: a row a device.</summary>
internal static class PlanTimeline
{
    private const int BarWidth = 60;

    public static void Write(PlanningInput input, Plan plan, TextWriter output)
    {
        if (plan.Problem.DeviceCount > PlanDevices.MostRows || plan.RoundSeconds == 0)
            return;
        SimulatedRound round = RoundSimulator.Run(plan, input.WorkloadsOf(plan), new SimulationOptions(RecordTrace: true));
        int width = Enumerable.Range(0, plan.Problem.DeviceCount).Max(device => plan.Problem.DeviceName(device).Length);
        output.WriteLine($"One round of {PlanReport.Seconds(round.RoundSeconds)} as simulated (# compute, = transfer, @ server, . idle or waiting):");
        ILookup<int, TraceEntry> entries = round.Trace.ToLookup(entry => entry.Device);
        for (int device = 0; device < plan.Problem.DeviceCount; device++)
            output.WriteLine($"{plan.Problem.DeviceName(device).PadRight(width)} |{Bar(entries[device], round.RoundSeconds)}|");
    }

    /// <summary>Each column shows what the device does for most of its time there.</summary>
    private static string Bar(IEnumerable<TraceEntry> entries, double roundSeconds)
    {
        const string Marks = "#=@";
        double[,] time = new double[BarWidth, Marks.Length];
        double column = roundSeconds / BarWidth;
        foreach (TraceEntry entry in entries)
        {
            for (int at = Math.Clamp((int)(entry.Start / column), 0, BarWidth - 1); at < BarWidth && at * column < entry.End; at++)
                time[at, (int)entry.Kind] += Math.Max(0, Math.Min(entry.End, (at + 1) * column) - Math.Max(entry.Start, at * column));
        }

        return string.Create(BarWidth, time, (bar, spent) =>
        {
            for (int at = 0; at < bar.Length; at++)
            {
                int most = 0;
                double busy = 0;
                for (int kind = 0; kind < Marks.Length; kind++)
                {
                    busy += spent[at, kind];
                    if (spent[at, kind] > spent[at, most])
                        most = kind;
                }

                bar[at] = busy >= column / 2 ? Marks[most] : '.';
            }
        });
    }
}
