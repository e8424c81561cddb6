using System.Xml.Linq;

namespace EdgeSplit.Reports.Charts;

/// <summary>What happens when: a row a device, a box for as long as something lasts.</summary>
/// <param name="Name">Its file's name, without an ending.</param>
/// <param name="Title">What it shows.</param>
/// <param name="Caption">How to read it.</param>
/// <param name="X">The time.</param>
/// <param name="Kinds">What may last.</param>
/// <param name="Rows">From the top down.</param>
public sealed record TimelineChart(
    string Name, string Title, string Caption, Axis X, IReadOnlyList<BarPart> Kinds, IReadOnlyList<TimeRow> Rows)
    : Chart(Name, Title, Caption)
{
    private const double Top = 8, RowHeight = 20, Right = 20, LongestName = 140;

    public override XElement Draw()
    {
        SvgCanvas canvas = new(Title);
        double end = Rows.SelectMany(row => row.Spans).Select(span => span.End).DefaultIfEmpty(1).Max();
        AxisScale scale = AxisScale.Of(X, [0, end], marks: 4);
        double left = 30 + Math.Min(LongestName, Rows.Select(row => SvgCanvas.WidthOf(row.Name)).DefaultIfEmpty(0).Max());
        double width = SvgCanvas.Width - left - Right, bottom = Top + (RowHeight * Rows.Count);
        for (int index = 0; index < Rows.Count; index++)
        {
            double y = Top + (RowHeight * index);
            canvas.Text(left - 6, y + 14, SvgCanvas.Fitted(Rows[index].Name, LongestName), "end");
            canvas.Box(left, y + 3, width * scale.At(end), RowHeight - 6, Palette.Waiting);
            foreach ((int kind, double from, double to) in Rows[index].Spans)
                canvas.Box(left + (width * scale.At(from)), y + 3, width * (scale.At(to) - scale.At(from)), RowHeight - 6, Kinds[kind].Colour);
        }

        foreach (double tick in scale.Ticks)
        {
            double x = left + (width * scale.At(tick));
            canvas.Line(x, bottom, x, bottom + 4, Palette.Ink);
            canvas.Text(x, bottom + 17, AxisScale.Label(tick), "middle");
        }

        canvas.Line(left, bottom, left + width, bottom, Palette.Ink);
        canvas.LevelText(left + (width / 2), bottom + 34, X.Title);
        canvas.UprightText(14, (Top + bottom) / 2, "device");
        canvas.Legend(bottom + 40, [.. Kinds.Select(kind => new LegendEntry(kind.Name, kind.Colour)), new LegendEntry("waiting", Palette.Waiting)]);
        return canvas.ToElement();
    }
}

/// <summary>One row.</summary>
/// <param name="Name">Of what.</param>
/// <param name="Spans">Which kind, from when, until when.</param>
public sealed record TimeRow(string Name, IReadOnlyList<(int Kind, double Start, double End)> Spans);
