namespace EdgeSplit.Reports;

/// <summary>How a page looks: two charts beside each other on a desk and on paper, one on a phone, none torn apart.</summary>
internal static class ReportStyle
{
    // Without angle brackets, ampersands and quotes, so that it means the same to readers of HTML and of XML.
    public const string Css = """

        :root { color-scheme: light; }
        body { font-family: Helvetica, Arial, sans-serif; line-height: 1.5; color: #222; background: #fff; max-width: 1080px; margin: 0 auto; padding: 16px; }
        h1 { font-size: 1.6rem; margin: 0; overflow-wrap: anywhere; }
        h2 { font-size: 1.2rem; margin: 2rem 0 0.5rem; border-bottom: 1px solid #d9d9d9; }
        h3 { font-size: 1rem; margin: 0 0 0.25rem; }
        .table { overflow-x: auto; }
        table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
        th, td { padding: 4px 10px; text-align: right; border-bottom: 1px solid #e6e6e6; white-space: nowrap; }
        th { white-space: normal; vertical-align: bottom; }
        th.text, td.text { text-align: left; }
        ul { padding-left: 1.2rem; font-size: 0.9rem; overflow-wrap: anywhere; }
        .charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 460px), 1fr)); gap: 24px; margin-top: 1rem; }
        figure { margin: 0; break-inside: avoid; }
        figure svg { display: block; width: 100%; height: auto; }
        figcaption { font-size: 0.85rem; color: #555; }
        @media print {
          body { max-width: none; padding: 0; }
          .table { overflow: visible; }
          table { font-size: 7.5pt; }
          th, td { padding: 2px 4px; white-space: normal; }
          h2 { break-after: avoid; }
          .charts { grid-template-columns: 1fr 1fr; gap: 16px; }
        }

        """;
}
