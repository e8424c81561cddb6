using System.Xml.Linq;

namespace EdgeSplit.Reports.Charts;

/// <summary>Lines over a common axis.</summary>
/// <param name="Name">Its file's name, without an ending.</param>
/// <param name="Title">What it shows.</param>
/// <param name="Caption">How to read it.</param>
/// <param name="X">The level axis.</param>
/// <param name="Y">The upright axis.</param>
/// <param name="Series">A line each; those without points are left out.</param>
public sealed record LineChart(string Name, string Title, string Caption, Axis X, Axis Y, IReadOnlyList<LineSeries> Series)
    : Chart(Name, Title, Caption)
{
    private const double Left = 58, Top = 10, PlotWidth = SvgCanvas.Width - Left - 22, PlotHeight = 220;

    private const string MarkDashes = "1 4";

    /// <summary>More points than this are a line without dots.</summary>
    private const int MostDots = 25;

    /// <summary>A value of the upright axis that is marked across the plot; null for none.</summary>
    public (double Value, string Label)? Mark { get; init; }

    public override XElement Draw()
    {
        SvgCanvas canvas = new(Title);
        (LineSeries Line, int Index)[] drawn = [.. Series.Select((line, index) => (line, line.Look ?? index)).Where(entry => entry.line.Points.Count > 0)];
        IEnumerable<(double X, double Y)> points = drawn.SelectMany(entry => entry.Line.Points);
        AxisScale across = AxisScale.Of(X, points.Select(point => point.X)), up = AxisScale.Of(Y, drawn.SelectMany(entry => entry.Line.Heights));
        List<LegendEntry> legend = [.. drawn.Select(entry => new LegendEntry(entry.Line.Name, Palette.ColourOf(entry.Index), Palette.DashesOf(entry.Index), entry.Index))];
        DrawAxes(canvas, across, up);
        if (Mark is { } mark && up.At(mark.Value) is >= 0 and <= 1)
        {
            double y = AtY(up, mark.Value);
            canvas.Path([(Left, y), (Left + PlotWidth, y)], Palette.Ink, MarkDashes);
            legend.Add(new LegendEntry(mark.Label, Palette.Ink, MarkDashes));
        }

        // Below all lines, so that none hides another's.
        foreach ((LineSeries line, int index) in drawn.Where(entry => entry.Line.Spread.Count > 0))
        {
            canvas.Area(
                [.. line.Spread.Select(at => (AtX(across, at.X), AtY(up, at.High))), .. line.Spread.Reverse().Select(at => (AtX(across, at.X), AtY(up, at.Low)))],
                Palette.ColourOf(index), "0.15");
        }

        foreach ((LineSeries line, int index) in drawn)
        {
            (double X, double Y)[] at = [.. line.Points.Select(point => (AtX(across, point.X), AtY(up, point.Y)))];
            canvas.Path(at, Palette.ColourOf(index), Palette.DashesOf(index));
            if (at.Length <= MostDots)
            {
                foreach ((double x, double y) in at)
                    canvas.Dot(x, y, index);
            }
        }

        canvas.Legend(Top + PlotHeight + 40, legend);
        return canvas.ToElement();
    }

    private void DrawAxes(SvgCanvas canvas, AxisScale across, AxisScale up)
    {
        foreach (double tick in up.Ticks)
        {
            canvas.Line(Left, AtY(up, tick), Left + PlotWidth, AtY(up, tick), Palette.Faint);
            canvas.Text(Left - 6, AtY(up, tick) + 4, AxisScale.Label(tick), "end");
        }

        foreach (double tick in across.Ticks)
        {
            canvas.Line(AtX(across, tick), Top + PlotHeight, AtX(across, tick), Top + PlotHeight + 4, Palette.Ink);
            canvas.Text(AtX(across, tick), Top + PlotHeight + 17, AxisScale.Label(tick), "middle");
        }

        canvas.Line(Left, Top + PlotHeight, Left + PlotWidth, Top + PlotHeight, Palette.Ink);
        canvas.LevelText(Left + (PlotWidth / 2), Top + PlotHeight + 34, X.Title);
        canvas.UprightText(14, Top + (PlotHeight / 2), Y.Title);
    }

    private static double AtX(AxisScale scale, double value) => Left + (PlotWidth * scale.At(value));

    private static double AtY(AxisScale scale, double value) => Top + (PlotHeight * (1 - scale.At(value)));
}

/// <summary>One line.</summary>
/// <param name="Name">As the legend says it.</param>
/// <param name="Points">In the order they are joined.</param>
public sealed record LineSeries(string Name, IReadOnlyList<(double X, double Y)> Points)
{
    /// <summary>Which of the colours and dashes, from 0, so that one thing looks the same in several charts; null for its place in this one.</summary>
    public int? Look { get; init; }

    /// <summary>How far the values scatter, shaded around the line; empty for nothing.</summary>
    public IReadOnlyList<(double X, double Low, double High)> Spread { get; init; } = [];

    /// <summary>All that the upright axis must reach.</summary>
    internal IEnumerable<double> Heights => [.. Points.Select(point => point.Y), .. Spread.SelectMany(at => (double[])[at.Low, at.High])];
}
