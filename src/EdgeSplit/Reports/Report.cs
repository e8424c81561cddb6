using System.Xml.Linq;
using EdgeSplit.Reports.Charts;

namespace EdgeSplit.Reports;

/// <summary>A report: what it is of, a table, remarks, and charts in sections.</summary>
/// <param name="Title">What it is of.</param>
/// <param name="Lead">One sentence about it.</param>
/// <param name="Sections">From the top down.</param>
public sealed record Report(string Title, string Lead, IReadOnlyList<ReportSection> Sections)
{
    public IEnumerable<Chart> Charts => Sections.SelectMany(section => section.Charts);

    /// <summary>The report as one HTML page that needs nothing from elsewhere: no script, no font, no picture.</summary>
    public string ToHtml() => "<!DOCTYPE html>\n" + new XElement(
        "html",
        new XAttribute("lang", "en"),
        new XElement(
            "head",
            new XElement("meta", new XAttribute("charset", "utf-8")),
            new XElement("meta", new XAttribute("name", "viewport"), new XAttribute("content", "width=device-width, initial-scale=1")),
            new XElement("title", Title),
            new XElement("style", ReportStyle.Css)),
        new XElement("body", new XElement("header", new XElement("h1", Title), new XElement("p", Lead)), Sections.Select(ToElement))) + "\n";

    private static XElement ToElement(ReportSection section) => new(
        "section",
        new XElement("h2", section.Title),
        section.Table is { } table ? ToElement(table) : null,
        section.Remarks.Count > 0 ? new XElement("ul", section.Remarks.Select(remark => new XElement("li", remark))) : null,
        section.Charts.Count > 0 ? new XElement("div", new XAttribute("class", "charts"), section.Charts.Select(ToElement)) : null);

    private static XElement ToElement(ReportTable table) => new(
        "div",
        new XAttribute("class", "table"),
        new XElement(
            "table",
            new XElement("thead", new XElement("tr", table.Headings.Select((heading, column) => Cell("th", heading, column < table.TextColumns)))),
            new XElement("tbody", table.Rows.Select(row => new XElement(
                "tr", row.Select((text, column) => Cell("td", text, column < table.TextColumns)))))));

    private static XElement Cell(string name, string text, bool isText) =>
        new(name, isText ? new XAttribute("class", "text") : null, text);

    private static XElement ToElement(Chart chart) => new(
        "figure",
        new XAttribute("id", chart.Name),
        new XElement("h3", chart.Title),
        chart.Draw(),
        new XElement("figcaption", chart.Caption));
}

/// <summary>A part of a report.</summary>
public sealed record ReportSection(string Title)
{
    public ReportTable? Table { get; init; }

    /// <summary>Sentences, each of its own.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    public IReadOnlyList<Chart> Charts { get; init; } = [];
}

/// <param name="Headings">One a column.</param>
/// <param name="TextColumns">So many of the first columns hold words, the others numbers.</param>
/// <param name="Rows">Each as long as the headings.</param>
public sealed record ReportTable(IReadOnlyList<string> Headings, int TextColumns, IReadOnlyList<IReadOnlyList<string>> Rows);
