using EdgeSplit.Simulation;

namespace EdgeSplit.Experiments.Comparisons;

/// <summary>What one device does in a round, as finely as a picture shows it.</summary>
/// <param name="Device">Its name.</param>
/// <param name="Bars">In order of time; waiting shows as the gaps.</param>
public sealed record TimelineRow(string Device, IReadOnlyList<TimelineBar> Bars)
{
    private const int MostRows = 16;

    /// <summary>A round in so many columns, each of which shows what the device does for most of it.</summary>
    private const int Columns = 400;

    /// <summary>The rows of a round; of a large fleet some devices, drawn evenly.</summary>
    /// <param name="trace">Every stage.</param>
    /// <param name="names">The devices' names, by their number in the trace.</param>
    /// <param name="roundSeconds">The round's length.</param>
    public static IReadOnlyList<TimelineRow> Of(IReadOnlyList<TraceEntry> trace, IReadOnlyList<string> names, double roundSeconds)
    {
        ILookup<int, TraceEntry> stages = trace.ToLookup(entry => entry.Device);
        int rows = Math.Min(MostRows, names.Count);
        return [.. Enumerable.Range(0, rows).Select(row => (int)((long)row * names.Count / rows))
            .Select(device => new TimelineRow(names[device], Joined(stages[device], roundSeconds / Columns)))];
    }

    private static List<TimelineBar> Joined(IEnumerable<TraceEntry> stages, double column)
    {
        double[,] spent = new double[Columns, Enum.GetValues<StageKind>().Length];
        foreach (TraceEntry stage in stages)
        {
            for (int at = Math.Clamp((int)(stage.Start / column), 0, Columns - 1); at < Columns && at * column < stage.End; at++)
                spent[at, (int)stage.Kind] += Math.Max(0, Math.Min(stage.End, (at + 1) * column) - Math.Max(stage.Start, at * column));
        }

        List<TimelineBar> bars = [];
        for (int at = 0; at < Columns; at++)
        {
            if (MostOf(spent, at, column) is not { } kind)
                continue;
            if (bars.Count > 0 && bars[^1].Kind == kind && bars[^1].End >= (at - 0.5) * column)
                bars[^1] = bars[^1] with { End = (at + 1) * column };
            else
                bars.Add(new TimelineBar(kind, at * column, (at + 1) * column));
        }

        return bars;
    }

    private static StageKind? MostOf(double[,] spent, int at, double column)
    {
        StageKind[] kinds = Enum.GetValues<StageKind>();
        return kinds.Sum(kind => spent[at, (int)kind]) < column / 2 ? null : kinds.MaxBy(kind => spent[at, (int)kind]);
    }
}

/// <param name="Kind">What is used.</param>
/// <param name="Start">Seconds from the round's start.</param>
/// <param name="End">Seconds from the round's start.</param>
public sealed record TimelineBar(StageKind Kind, double Start, double End);
