using System.Globalization;
using System.Xml.Linq;

namespace EdgeSplit.Reports.Charts;

/// <summary>An SVG picture being drawn: shapes at coordinates in its own units, a legend below, a height that grows with what is drawn.</summary>
/// <param name="label">What the picture shows, for those who do not see it.</param>
internal sealed class SvgCanvas(string label)
{
    /// <summary>So wide that text is still readable where the picture fills a phone's width.</summary>
    public const double Width = 480;

    public const double FontSize = 12;

    /// <summary>About the width of a letter, for layouts that cannot measure.</summary>
    private const double LetterWidth = 6.4;

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";
    private readonly List<XElement> shapes = [];
    private double height;

    public static double WidthOf(string text) => LetterWidth * text.Length;

    /// <summary>The text, cut off where it would be longer than that.</summary>
    public static string Fitted(string text, double width)
    {
        int letters = Math.Max(2, (int)(width / LetterWidth));
        return text.Length <= letters ? text : text[..(letters - 1)] + "…";
    }

    public void Line(double x1, double y1, double x2, double y2, string colour) =>
        Add("line", ("x1", Number(x1)), ("y1", Number(y1)), ("x2", Number(x2)), ("y2", Number(y2)), ("stroke", colour), ("stroke-width", "1"));

    public void Path(IEnumerable<(double X, double Y)> points, string colour, string dashes)
    {
        string path = string.Join(' ', points.Select((point, index) => $"{(index == 0 ? "M" : "L")}{Number(point.X)} {Number(point.Y)}"));
        XElement drawn = Add("path", ("d", path), ("fill", "none"), ("stroke", colour), ("stroke-width", "2"), ("stroke-linejoin", "round"));
        if (dashes.Length > 0)
            drawn.SetAttributeValue("stroke-dasharray", dashes);
    }

    /// <summary>A point of the n-th series: a disc, a square, a triangle, a diamond, a triangle on its tip, and again.</summary>
    public void Dot(double x, double y, int series)
    {
        string colour = Palette.ColourOf(series);
        switch (series % 5)
        {
            case 0: Add("circle", ("cx", Number(x)), ("cy", Number(y)), ("r", "2.8"), ("fill", colour)); break;
            case 1: Box(x - 2.5, y - 2.5, 5, 5, colour); break;
            case 2: Area([(x - 3.5, y + 2.5), (x, y - 3.5), (x + 3.5, y + 2.5)], colour); break;
            case 3: Area([(x - 3.6, y), (x, y - 3.6), (x + 3.6, y), (x, y + 3.6)], colour); break;
            default: Area([(x - 3.5, y - 2.5), (x, y + 3.5), (x + 3.5, y - 2.5)], colour); break;
        }
    }

    /// <summary>A filled polygon.</summary>
    public void Area(IEnumerable<(double X, double Y)> corners, string colour, string opacity = "1") => Add(
        "polygon", ("points", string.Join(' ', corners.Select(corner => $"{Number(corner.X)},{Number(corner.Y)}"))), ("fill", colour), ("fill-opacity", opacity));

    /// <summary>A filled rectangle; <paramref name="tip"/> is what pointing at it says.</summary>
    public void Box(double x, double y, double width, double boxHeight, string colour, string? tip = null)
    {
        XElement box = Add("rect", ("x", Number(x)), ("y", Number(y)), ("width", Number(width)), ("height", Number(boxHeight)), ("fill", colour));
        if (tip is not null)
            box.Add(new XElement(Svg + "title", tip));
    }

    /// <param name="x">Where the text is anchored.</param>
    /// <param name="y">Its base line.</param>
    /// <param name="text">What it says.</param>
    /// <param name="anchor"><c>start</c>, <c>middle</c> or <c>end</c>.</param>
    public void Text(double x, double y, string text, string anchor = "start") =>
        Add("text", ("x", Number(x)), ("y", Number(y)), ("text-anchor", anchor)).Add(text);

    /// <summary>The title of an upright axis, read from below; it begins inside the picture, however short the axis.</summary>
    public void UprightText(double x, double y, string text)
    {
        y = Math.Max(y, (WidthOf(text) / 2) + 2);
        Add("text", ("x", Number(x)), ("y", Number(y)), ("text-anchor", "middle"), ("class", "axis-title"), ("transform", $"rotate(-90 {Number(x)} {Number(y)})")).Add(text);
    }

    /// <summary>The title of a level axis.</summary>
    public void LevelText(double x, double y, string text) =>
        Add("text", ("x", Number(x)), ("y", Number(y)), ("text-anchor", "middle"), ("class", "axis-title")).Add(text);

    /// <summary>Names with their colours from <paramref name="y"/> down, in as many lines as they need.</summary>
    public void Legend(double y, IReadOnlyList<LegendEntry> entries)
    {
        const double Gap = 12, LineHeight = 18;
        double x = 8, line = y + LineHeight;
        foreach ((string name, string colour, string? dashes, int? series) in entries)
        {
            double mark = dashes is null ? 22 : 30;
            string shown = Fitted(name, Width - mark - 16);
            double width = mark + WidthOf(shown) + Gap;
            if (x > 8 && x + width - Gap > Width)
                (x, line) = (8, line + LineHeight);
            if (dashes is null)
                Box(x, line - 9, 16, 10, colour);
            else
                Path([(x, line - 4), (x + 25, line - 4)], colour, dashes);
            if (series is { } look)
                Dot(x + 12.5, line - 4, look);
            Text(x + mark, line, shown);
            x += width;
        }

        Reach(line + 8);
    }

    /// <summary>The picture is at least so high.</summary>
    public void Reach(double y) => height = Math.Max(height, y);

    public XElement ToElement() => new(
        Svg + "svg",
        new XAttribute("viewBox", $"0 0 {Number(Width)} {Number(height)}"),
        new XAttribute("width", Number(Width)),
        new XAttribute("height", Number(height)),
        new XAttribute("role", "img"),
        new XAttribute("aria-label", label),
        new XAttribute("font-family", "Helvetica, Arial, 'DejaVu Sans', sans-serif"),
        new XAttribute("font-size", Number(FontSize)),
        new XAttribute("fill", Palette.Ink),
        new XElement(Svg + "rect", new XAttribute("width", "100%"), new XAttribute("height", "100%"), new XAttribute("fill", Palette.Paper)),
        shapes);

    private XElement Add(string name, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        XElement shape = new(Svg + name);
        foreach ((string attribute, string value) in attributes)
            shape.SetAttributeValue(attribute, value);
        shapes.Add(shape);
        return shape;
    }

    private static string Number(double value) => Math.Round(value, 2).ToString(CultureInfo.InvariantCulture);
}

/// <param name="Name">What it stands for.</param>
/// <param name="Colour">Of the box or line beside the name.</param>
/// <param name="Dashes">A line with these; null for a box.</param>
/// <param name="Series">Whose points are on the line, from 0; null for none.</param>
internal readonly record struct LegendEntry(string Name, string Colour, string? Dashes = null, int? Series = null);
