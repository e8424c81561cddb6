using System.Xml.Linq;

namespace EdgeSplit.Tests.Reports;

/// <summary>What every page must be, whatever it reports.</summary>
internal static class ReportPages
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    /// <summary>Well-formed, nothing from elsewhere, and every chart with titled axes, a title and a caption; its charts by name.</summary>
    public static IReadOnlyDictionary<string, XElement> AssertSound(string html)
    {
        Assert.StartsWith("<!DOCTYPE html>\n<html", html, StringComparison.Ordinal);
        XElement page = XDocument.Parse(html).Root!;
        foreach (XElement element in page.DescendantsAndSelf())
        {
            Assert.DoesNotContain(element.Name.LocalName, (string[])["script", "link", "img", "iframe", "object", "embed", "use", "image", "foreignObject"]);
            Assert.All(element.Attributes(), attribute =>
            {
                Assert.DoesNotContain(attribute.Name.LocalName, (string[])["src", "href", "srcset", "onload", "onclick"]);
                Assert.True(attribute.IsNamespaceDeclaration || !attribute.Value.Contains("://", StringComparison.Ordinal), attribute.ToString());
                Assert.DoesNotContain("url(", attribute.Value, StringComparison.OrdinalIgnoreCase);
            });
            // An empty element that is none in HTML would swallow what follows it.
            if (element.Name.Namespace == XNamespace.None && element.IsEmpty)
                Assert.Equal("meta", element.Name.LocalName);
        }

        string style = page.Descendants("style").Single().Value;
        Assert.False(style.AsSpan().ContainsAny("<>&\"'") || style.Contains("url(", StringComparison.Ordinal), "the style must mean the same in HTML and XML");
        Assert.NotEmpty(page.Descendants("title").First().Value);
        Assert.NotEmpty(page.Descendants("h1").Single().Value);

        Dictionary<string, XElement> charts = [];
        foreach (XElement figure in page.Descendants("figure"))
        {
            Assert.NotEmpty(figure.Element("h3")!.Value);
            Assert.NotEmpty(figure.Element("figcaption")!.Value);
            XElement drawing = figure.Element(Svg + "svg")!;
            AssertSound(drawing);
            charts.Add(figure.Attribute("id")!.Value, drawing);
        }

        return charts;
    }

    /// <summary>Two axes with titles, the level one with a unit, all of it inside the picture, and no number that is none.</summary>
    public static void AssertSound(XElement drawing)
    {
        double[] box = [.. drawing.Attribute("viewBox")!.Value.Split(' ').Select(number => double.Parse(number, System.Globalization.CultureInfo.InvariantCulture))];
        XElement[] titles = [.. drawing.Descendants(Svg + "text").Where(text => (string?)text.Attribute("class") == "axis-title")];
        Assert.Equal(2, titles.Length);
        Assert.Contains(titles, title => title.Value.EndsWith(')') && title.Value.Contains('(', StringComparison.Ordinal));
        foreach (XElement element in drawing.Descendants())
        {
            Assert.DoesNotContain(element.Attributes(), attribute => attribute.Value.Contains("NaN", StringComparison.Ordinal) || attribute.Value.Contains('∞', StringComparison.Ordinal));
            if ((string?)element.Attribute("x") is string x)
                Assert.InRange(double.Parse(x, System.Globalization.CultureInfo.InvariantCulture), 0, box[2]);
            if ((string?)element.Attribute("y") is string y)
                Assert.InRange(double.Parse(y, System.Globalization.CultureInfo.InvariantCulture), 0, box[3]);
        }
    }
}
