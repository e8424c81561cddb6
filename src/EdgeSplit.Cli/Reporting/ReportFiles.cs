using EdgeSplit.Reports;
using EdgeSplit.Reports.Charts;

namespace EdgeSplit.Cli.Reporting;

/// <summary>A report on disk: <c>report.html</c>, and each of its charts as SVG and as PNG in <c>figures</c>.</summary>
/// <param name="folder">Where to.</param>
/// <param name="toPng">A chart as a PNG file.</param>
internal sealed class ReportFiles(string folder, Func<Chart, byte[]> toPng)
{
    /// <param name="report">What to write; files of the same names are replaced.</param>
    /// <param name="output">Gets a line on what was written.</param>
    /// <param name="error">Gets a warning where this machine can make no PNG; all else is still written.</param>
    /// <exception cref="InvalidInputException">The folder cannot be written to.</exception>
    public void Write(Report report, TextWriter output, TextWriter error)
    {
        string page = Path.Combine(folder, "report.html"), figures = Path.Combine(folder, "figures");
        string? noPng = null;
        try
        {
            Directory.CreateDirectory(figures);
            foreach (Chart chart in report.Charts)
            {
                string picture = Path.Combine(figures, chart.Name);
                AtomicFile.WriteText(picture + ".svg", chart.ToSvg());
                // A picture of an earlier report must not stand beside what this one says.
                if (noPng is null && TryToPng(chart, out noPng) is { } png)
                    AtomicFile.Write(picture + ".png", stream => stream.Write(png));
                else
                    File.Delete(picture + ".png");
            }

            AtomicFile.WriteText(page, report.ToHtml());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException(folder, "the report cannot be written here: " + exception.Message, "give another folder with --out");
        }

        if (noPng is not null)
            error.WriteLine($"warning: no PNG: {noPng}; the figures are there as SVG");
        output.WriteLine($"{page}, and {report.Charts.Count()} charts in {figures}, {(noPng is null ? "each as SVG and as PNG" : "as SVG")}");
    }

    /// <summary>Null, with the reason, where the native library of the renderer is not there for this machine or does not load.</summary>
    private byte[]? TryToPng(Chart chart, out string? reason)
    {
        reason = null;
        try
        {
            return toPng(chart);
        }
        catch (Exception exception) when (exception is TypeInitializationException or DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
        {
            // The first sentence: what follows lists each place where the library was looked for.
            reason = exception.GetBaseException().Message.Split([". ", "\n"], StringSplitOptions.None)[0];
            return null;
        }
    }
}
