using System.Globalization;
using System.Xml.Linq;
using EdgeSplit.Reports.Charts;

namespace EdgeSplit.Tests.Reports;

public class ChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Theory]
    [InlineData(0.0, 1.0, "0 0.2 0.4 0.6 0.8 1")]
    [InlineData(3.0, 47.0, "0 10 20 30 40 50")]
    [InlineData(0.00002, 0.00009, "0 0.00002 0.00004 0.00006 0.00008 0.0001")]
    [InlineData(0.0, 0.0, "0 0.2 0.4 0.6 0.8 1")]
    [InlineData(0.0, 23456.0, "0 5000 10k 15k 20k 25k")]
    public void A_linear_axis_is_marked_at_round_values_around_all(double least, double most, string marks)
    {
        AxisScale scale = AxisScale.Of(new Axis("x (s)"), [least, most]);
        Assert.Equal(marks, string.Join(' ', scale.Ticks.Select(AxisScale.Label)));
        Assert.InRange(scale.At(least), -1e-9, 1 + 1e-9);
        Assert.InRange(scale.At(most), -1e-9, 1 + 1e-9);
    }

    [Theory]
    [InlineData(0.03, 70.0, "0.1 1 10 100")]
    [InlineData(1.0, 8.0, "1 2 5 10")]
    [InlineData(125.0, 1000.0, "100 200 500 1000")]
    [InlineData(3.0, 3.0, "2 5")]
    public void A_logarithmic_axis_is_marked_at_round_values_and_gives_each_factor_the_same_room(double least, double most, string marks)
    {
        AxisScale scale = AxisScale.Of(new Axis("x (s)", IsLogarithmic: true), [least, most]);
        Assert.Equal(marks, string.Join(' ', scale.Ticks.Select(AxisScale.Label)));
        Assert.InRange(scale.At(least), 0, 1);
        Assert.InRange(scale.At(most), 0, 1);
        Assert.Equal(scale.At(2) - scale.At(1), scale.At(20) - scale.At(10), 9);
    }

    [Fact]
    public void A_line_goes_through_its_points_and_names_itself()
    {
        LineChart chart = new("name", "Title", "Caption.", new Axis("time (s)"), new Axis("accuracy (fraction)"),
            [new LineSeries("a <b> & c", [(0, 0), (5, 0.5), (10, 1)]), new LineSeries("nothing", [])])
        {
            Mark = (0.5, "target"),
        };
        XElement drawing = XDocument.Parse(chart.ToSvg()).Root!;
        ReportPages.AssertSound(drawing);
        string[] points = drawing.Elements(Svg + "path").Select(path => path.Attribute("d")!.Value).First(path => path.Split('L').Length == 3).Split('L', 'M');
        double[] y = [.. points.Skip(1).Select(point => double.Parse(point.Trim().Split(' ')[1], CultureInfo.InvariantCulture))];
        Assert.Equal(y[0] - y[1], y[1] - y[2], 0.02);
        string[] texts = [.. drawing.Elements(Svg + "text").Select(text => text.Value)];
        Assert.Contains("a <b> & c", texts);
        Assert.Contains("target", texts);
        Assert.DoesNotContain("nothing", texts);
    }

    [Fact]
    public void What_scatters_is_shaded_around_its_line_and_the_axis_reaches_it()
    {
        LineChart chart = new("name", "Title", "Caption.", new Axis("time (s)"), new Axis("accuracy (fraction)"),
            [new LineSeries("mean", [(0, 0.4), (10, 0.8)]) { Spread = [(0, 0.3, 0.5), (10, 0.5, 1.1)] }]);
        XElement drawing = chart.Draw();
        ReportPages.AssertSound(drawing);
        double[][] corners = [.. drawing.Elements(Svg + "polygon").First().Attribute("points")!.Value.Split(' ')
            .Select(corner => (double[])[.. corner.Split(',').Select(number => double.Parse(number, CultureInfo.InvariantCulture))])];
        double[] line = [.. drawing.Elements(Svg + "path").First().Attribute("d")!.Value.Split('L', 'M').Skip(1)
            .Select(point => double.Parse(point.Trim().Split(' ')[1], CultureInfo.InvariantCulture))];
        Assert.Equal(4, corners.Length);
        Assert.Equal(line[0] - corners[0][1], corners[3][1] - line[0], 0.02);
        Assert.Equal(line[1] - corners[1][1], corners[2][1] - line[1], 0.02);
        Assert.Equal(3 * (line[0] - corners[0][1]), line[1] - corners[1][1], 0.05);
        Assert.True(corners[1][1] > 0, "the axis must reach the highest of what scatters");
    }

    [Fact]
    public void Series_are_told_apart_by_more_than_their_colours()
    {
        LineChart chart = new("name", "Title", "Caption.", new Axis("time (s)"), new Axis("accuracy (fraction)"),
            [.. Enumerable.Range(0, 20).Select(line => new LineSeries($"line {line}", [(0, line), (1, line)]))]);
        XElement[] shapes = [.. chart.Draw().Elements()];
        // A line and its two points, twenty times, and then the legend.
        int first = Array.FindIndex(shapes, shape => shape.Name.LocalName == "path");
        IEnumerable<string> looks = shapes[first..].Chunk(3).Take(20).Select(series =>
        {
            Assert.Equal("path", series[0].Name.LocalName);
            string corners = (string?)series[1].Attribute("points") is not { } points ? "" : ShapeOf(points);
            return $"{(string?)series[0].Attribute("stroke-dasharray")} {series[1].Name.LocalName} {corners}";
        });
        Assert.Equal(20, looks.Distinct().Count());
    }

    /// <summary>Corners from the first of them on.</summary>
    private static string ShapeOf(string points)
    {
        double[][] corners = [.. points.Split(' ').Select(corner => (double[])[.. corner.Split(',').Select(number => double.Parse(number, CultureInfo.InvariantCulture))])];
        return string.Join(' ', corners.Select(corner => string.Create(CultureInfo.InvariantCulture, $"{corner[0] - corners[0][0]:0.0},{corner[1] - corners[0][1]:0.0}")));
    }

    [Fact]
    public void Parts_of_a_bar_lie_beside_each_other_as_long_as_their_values()
    {
        BarChart chart = new("name", "Title", "Caption.", "device", new Axis("time (s)"),
            [new BarPart("one", "#111111"), new BarPart("two", "#222222")], [new Bar("first", [1, 3], "a note"), new Bar("second", [0, 2])]);
        XElement drawing = chart.Draw();
        ReportPages.AssertSound(drawing);
        (double X, double Width)[] boxes = [.. drawing.Elements(Svg + "rect").Where(box => box.Element(Svg + "title") is not null).Select(box => (
            double.Parse(box.Attribute("x")!.Value, CultureInfo.InvariantCulture), double.Parse(box.Attribute("width")!.Value, CultureInfo.InvariantCulture)))];
        Assert.Equal(3, boxes.Length);
        Assert.Equal(3 * boxes[0].Width, boxes[1].Width, 0.05);
        Assert.Equal(boxes[0].X + boxes[0].Width, boxes[1].X, 0.02);
        Assert.Equal(boxes[0].X, boxes[2].X);
    }

    [Fact]
    public void A_timeline_keeps_the_order_and_the_proportions_of_time()
    {
        TimelineChart chart = new("name", "Title", "Caption.", new Axis("time (s)"), [new BarPart("work", "#111111"), new BarPart("talk", "#222222")],
            [new TimeRow("a device with a name that is far too long to be written out", [(0, 0, 2), (1, 3, 4)]), new TimeRow("b", [])]);
        XElement drawing = chart.Draw();
        ReportPages.AssertSound(drawing);
        XElement work = drawing.Elements(Svg + "rect").First(box => (string?)box.Attribute("fill") == "#111111");
        XElement talk = drawing.Elements(Svg + "rect").First(box => (string?)box.Attribute("fill") == "#222222");
        Assert.Equal(2 * (double)talk.Attribute("width")!, (double)work.Attribute("width")!, 0.05);
        Assert.True((double)talk.Attribute("x")! > (double)work.Attribute("x")! + (double)work.Attribute("width")!);
        Assert.Contains(drawing.Elements(Svg + "text"), text => text.Value.EndsWith('…'));
    }

    [Fact]
    public void A_chart_of_nothing_is_still_a_picture()
    {
        ReportPages.AssertSound(new LineChart("n", "T", "C.", new Axis("x (s)", IsLogarithmic: true), new Axis("y (s)"), []).Draw());
        ReportPages.AssertSound(new BarChart("n", "T", "C.", "device", new Axis("x (s)"), [], []).Draw());
        ReportPages.AssertSound(new TimelineChart("n", "T", "C.", new Axis("x (s)"), [], []).Draw());
    }
}
