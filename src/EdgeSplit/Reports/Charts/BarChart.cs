using System.Xml.Linq;

namespace EdgeSplit.Reports.Charts;

/// <summary>A level bar a row, made of parts one after another.</summary>
/// <param name="Name">Its file's name, without an ending.</param>
/// <param name="Title">What it shows.</param>
/// <param name="Caption">How to read it.</param>
/// <param name="Rows">What the upright axis lists: <c>device</c>, <c>method</c>.</param>
/// <param name="X">What the bars measure.</param>
/// <param name="Parts">What they are made of, in order.</param>
/// <param name="Bars">From the top down.</param>
public sealed record BarChart(
    string Name, string Title, string Caption, string Rows, Axis X, IReadOnlyList<BarPart> Parts, IReadOnlyList<Bar> Bars)
    : Chart(Name, Title, Caption)
{
    private const double Top = 8, RowHeight = 22, Right = 20, LongestName = 140;

    public override XElement Draw()
    {
        SvgCanvas canvas = new(Title);
        AxisScale scale = AxisScale.Of(X, Bars.Select(bar => bar.Values.Sum()), marks: 4);
        double left = 30 + Math.Min(LongestName, Bars.Select(bar => SvgCanvas.WidthOf(bar.Name)).DefaultIfEmpty(0).Max());
        double width = SvgCanvas.Width - left - Right, bottom = Top + (RowHeight * Bars.Count);
        foreach (double tick in scale.Ticks)
        {
            double x = left + (width * scale.At(tick));
            canvas.Line(x, Top, x, bottom + 4, Palette.Faint);
            canvas.Text(x, bottom + 17, AxisScale.Label(tick), "middle");
        }

        for (int row = 0; row < Bars.Count; row++)
        {
            double y = Top + (RowHeight * row), from = 0;
            canvas.Text(left - 6, y + 15, SvgCanvas.Fitted(Bars[row].Name, LongestName), "end");
            for (int part = 0; part < Parts.Count; part++)
            {
                double value = Bars[row].Values[part], x = left + (width * scale.At(from));
                if (value > 0)
                    canvas.Box(x, y + 3, left + (width * scale.At(from + value)) - x, RowHeight - 6, Parts[part].Colour, $"{Bars[row].Name}, {Parts[part].Name}: {AxisScale.Label(value)}");
                from += value;
            }

            if (Bars[row].Note is { } note)
                canvas.Text(Math.Min(left + (width * scale.At(from)) + 5, SvgCanvas.Width - SvgCanvas.WidthOf(note)), y + 15, note);
        }

        canvas.Line(left, Top, left, bottom, Palette.Ink);
        canvas.LevelText(left + (width / 2), bottom + 34, X.Title);
        canvas.UprightText(14, (Top + bottom) / 2, Rows);
        if (Parts.Count > 1)
            canvas.Legend(bottom + 40, [.. Parts.Select(part => new LegendEntry(part.Name, part.Colour))]);
        canvas.Reach(bottom + 42);
        return canvas.ToElement();
    }
}

/// <summary>What a part of every bar stands for.</summary>
public sealed record BarPart(string Name, string Colour);

/// <summary>One bar.</summary>
/// <param name="Name">What it is of.</param>
/// <param name="Values">A value a part, from 0.</param>
/// <param name="Note">What is written at its end; null for nothing.</param>
public sealed record Bar(string Name, IReadOnlyList<double> Values, string? Note = null);
