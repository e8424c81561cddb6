using System.Buffers.Binary;
using System.Globalization;
using System.Xml.Linq;
using EdgeSplit.Cli.Reporting;
using EdgeSplit.Experiments.Comparisons;
using EdgeSplit.Reports;
using EdgeSplit.Reports.Charts;
using EdgeSplit.Tests.Data;
using ICSharpCode.SharpZipLib.Checksum;
using SkiaSharp;

namespace EdgeSplit.Tests.Reports;

/// <summary>What a figure's SVG says is there in its PNG, pixel by pixel.</summary>
public sealed class FigurePngTests : IDisposable
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static Chart Chart(string kind) => kind switch
    {
        "lines" => new LineChart("lines", "Accuracy", "Caption.", new Axis("time (s)"), new Axis("test accuracy (fraction)"),
            [.. Enumerable.Range(0, 7).Select(line => new LineSeries($"method-{line}", [.. Enumerable.Range(0, 4).Select(x => (x + (0.1 * line), 0.1 + (0.1 * line) + (0.05 * x)))]))]),
        "bars" => DeviceCharts.Classes(new DealtClasses(
            [.. Enumerable.Range(0, 10).Select(name => $"class-{name}")],
            [.. Enumerable.Range(0, 6).Select(device => new DeviceClasses($"raspberry-pi-{device}", [.. Enumerable.Range(0, 10).Select(label => 30 + ((device + label) % 4 * 20))]))])),
        _ => new TimelineChart("rows", "Round", "Caption.", new Axis("time (s)"), [new BarPart("work", "#0072b2"), new BarPart("talk", "#e69f00")],
            [new TimeRow("phone", [(0, 0, 2), (1, 2, 3)]), new TimeRow("a device with a name too long to be written out", [(0, 1, 4)])]),
    };

    [Theory]
    [InlineData("lines")]
    [InlineData("bars")]
    [InlineData("rows")]
    public void Every_text_has_ink_every_mark_its_colour_and_nothing_is_cut_off_at_an_edge(string kind)
    {
        Chart chart = Chart(kind);
        XElement drawing = chart.Draw();
        using SKBitmap picture = SKBitmap.Decode(FigurePng.Of(chart));
        double scale = FigurePng.Width / Number(drawing, "width");
        Assert.Equal(FigurePng.Width, picture.Width);
        Assert.Equal(SKAlphaType.Opaque, picture.AlphaType);
        Assert.Equal(Number(drawing, "height") * scale, picture.Height, 0.5);

        XElement[] texts = [.. drawing.Elements(Svg + "text")];
        Assert.All(texts, text => Assert.True(HasInk(picture, RegionOf(text), scale), $"no ink where it says '{text.Value}'"));
        Assert.False(HasInk(picture, new SKRect(200, 0, 280, 4), scale), "ink where nothing is drawn");
        XElement[] discs = [.. drawing.Elements(Svg + "circle")], boxes = [.. drawing.Elements(Svg + "rect").Where(box => box.Attribute("x") is not null)];
        Assert.True(discs.Length + boxes.Length > 5);
        Assert.All(discs, disc => AssertColour(picture, disc, Number(disc, "cx"), Number(disc, "cy"), scale));
        // Of boxes that others cover, the last is seen.
        foreach (XElement box in boxes.Where((box, index) => !boxes[(index + 1)..].Any(other => Covers(other, CentreOf(box)))))
            AssertColour(picture, box, CentreOf(box).X, CentreOf(box).Y, scale);

        for (int x = 0; x < picture.Width; x++)
            Assert.True(IsPaper(picture.GetPixel(x, 0)) && IsPaper(picture.GetPixel(x, picture.Height - 1)), $"cut off at {x} from the left");
        for (int y = 0; y < picture.Height; y++)
            Assert.True(IsPaper(picture.GetPixel(0, y)) && IsPaper(picture.GetPixel(picture.Width - 1, y)), $"cut off at {y} from the top");
    }

    [Fact]
    public void It_says_that_it_has_600_dots_an_inch()
    {
        ReadOnlySpan<byte> chunk = FigurePng.Of(Chart("lines")).AsSpan(33, 21);
        Assert.Equal(9, BinaryPrimitives.ReadInt32BigEndian(chunk));
        Assert.Equal("pHYs"u8, chunk[4..8]);
        Assert.Equal(600, BinaryPrimitives.ReadInt32BigEndian(chunk[8..]) * 0.0254, 0.01);
        Assert.Equal(600, BinaryPrimitives.ReadInt32BigEndian(chunk[12..]) * 0.0254, 0.01);
        Assert.Equal(1, chunk[16]);
        Crc32 checksum = new();
        checksum.Update(chunk[4..17].ToArray());
        Assert.Equal((uint)checksum.Value, BinaryPrimitives.ReadUInt32BigEndian(chunk[17..]));
    }

    [Fact]
    public void It_is_the_same_whatever_fonts_the_machine_has()
    {
        string arial = Chart("lines").ToSvg();
        Assert.Contains("font-family=\"Helvetica, Arial, 'DejaVu Sans', sans-serif\"", arial, StringComparison.Ordinal);
        SKTypeface typeface = FigureFont.Instance.FromFamilyName("Helvetica", SKFontStyleWeight.Normal, SKFontStyleWidth.Normal, SKFontStyleSlant.Upright);
        Assert.Equal("Inter", typeface.FamilyName);
        using SKFont font = new(typeface, 12);
        Assert.DoesNotContain((ushort)0, font.GetGlyphs("Zürich-Łódź Αθήνα Київ 0.8731 ± 0.0042 × … – µ"));
    }

    [Fact]
    public void Where_the_renderer_does_not_load_there_is_a_warning_and_all_the_rest()
    {
        Report report = new("Title", "Lead.", [new ReportSection("Section") { Charts = [Chart("lines"), Chart("bars")] }]);
        using StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        new ReportFiles(folder.At("report"), FigurePng.Of).Write(report, output, error);
        Assert.Equal("", error.ToString());
        Assert.Equal(["classes.png", "classes.svg", "lines.png", "lines.svg"], NamesIn(folder.At(Path.Combine("report", "figures"))));

        Func<Chart, byte[]> missing = _ => throw new TypeInitializationException("SkiaSharp.SKObject", new DllNotFoundException("no libSkiaSharp. For help:\nhere, here or here"));
        new ReportFiles(folder.At("report"), missing).Write(report, output, error);
        Assert.Equal("warning: no PNG: no libSkiaSharp; the figures are there as SVG\n", error.ToString());
        Assert.Equal(["classes.svg", "lines.svg"], NamesIn(folder.At(Path.Combine("report", "figures"))));
        Assert.True(File.Exists(folder.At(Path.Combine("report", "report.html"))));
    }

    private static IEnumerable<string?> NamesIn(string path) => Directory.GetFiles(path).Select(Path.GetFileName).Order(StringComparer.Ordinal);

    private static double Number(XElement element, string attribute) => double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);

    /// <summary>A part of where a text lies that holds at least one of its letters.</summary>
    private static SKRect RegionOf(XElement text)
    {
        float x = (float)Number(text, "x"), y = (float)Number(text, "y");
        return text.Attribute("transform") is not null ? new SKRect(x - 9, y - 6, x + 1, y + 6) : (string)text.Attribute("text-anchor")! switch
        {
            "middle" => new SKRect(x - 6, y - 9, x + 6, y + 1),
            "end" => new SKRect(x - 8, y - 9, x, y + 1),
            _ => new SKRect(x, y - 9, x + 8, y + 1),
        };
    }

    /// <summary>Whether as much of a region is dark as a thin letter covers: a twentieth of a square unit would be a speck.</summary>
    private static bool HasInk(SKBitmap picture, SKRect region, double scale)
    {
        int dark = 0;
        for (int y = (int)(region.Top * scale); y < region.Bottom * scale; y++)
        {
            for (int x = (int)(region.Left * scale); x < region.Right * scale; x++)
                dark += picture.GetPixel(x, y) is { Red: < 0x80, Green: < 0x80, Blue: < 0x80 } ? 1 : 0;
        }

        return dark > 2 * scale * scale;
    }

    private static bool Covers(XElement box, (double X, double Y) point) =>
        point.X >= Number(box, "x") && point.X <= Number(box, "x") + Number(box, "width")
        && point.Y >= Number(box, "y") && point.Y <= Number(box, "y") + Number(box, "height");

    private static (double X, double Y) CentreOf(XElement box) => (Number(box, "x") + (Number(box, "width") / 2), Number(box, "y") + (Number(box, "height") / 2));

    private static void AssertColour(SKBitmap picture, XElement mark, double x, double y, double scale) =>
        Assert.Equal(SKColor.Parse(mark.Attribute("fill")!.Value), picture.GetPixel((int)(x * scale), (int)(y * scale)));

    private static bool IsPaper(SKColor colour) => colour == SKColors.White;
}
