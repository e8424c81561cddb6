using System.CommandLine;
using EdgeSplit.Experiments;
using EdgeSplit.Experiments.Comparisons;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Reports;
using EdgeSplit.Reports.Charts;

namespace EdgeSplit.Cli.Commands;

/// <summary><c>edgesplit report RUN|COMPARISON</c>: a page with charts, and each chart as an SVG file.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        Argument<string> target = new("RUN|COMPARISON") { Description = "A folder that 'edgesplit train' or 'edgesplit compare' made." };
        Option<string?> output = new("--out") { Description = "The folder for report.html and figures. [default: the folder itself]", HelpName = "FOLDER" };
        Option<string?> dataDirectory = CommonOptions.DataDirectory();
        Command command = new("report", "Write a self-contained report.html with charts of a run or a comparison, and the charts as SVG files.")
        {
            target, output, dataDirectory,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            string folder = parsed.GetRequiredValue(target);
            Report report = ComparisonFolder.IsAt(folder)
                ? ComparisonReport.Of(ComparisonFolder.Read(folder))
                : await OfRunAsync(folder, parsed.GetValue(dataDirectory), parsed.InvocationConfiguration.Error, cancellation).ConfigureAwait(false);
            Write(report, parsed.GetValue(output) ?? folder, parsed.InvocationConfiguration.Output);
            return 0;
        });
        return command;
    }

    private static async Task<Report> OfRunAsync(string path, string? dataDirectory, TextWriter error, CancellationToken cancellation)
    {
        RunFolder folder = RunFolder.Open(path);
        FaultCollector faults = new();
        PreparedExperiment? prepared = await Preparation.LoadAsync(folder.ReadExperiment(), dataDirectory, faults, error, cancellation).ConfigureAwait(false);
        // Without the data there is still most of a report, which says what is left out.
        return RunReport.Of(folder, faults.IsEmpty ? prepared : null);
    }

    private static void Write(Report report, string folder, TextWriter output)
    {
        string page = Path.Combine(folder, "report.html"), figures = Path.Combine(folder, "figures");
        try
        {
            Directory.CreateDirectory(figures);
            foreach (Chart chart in report.Charts)
                AtomicFile.WriteText(Path.Combine(figures, chart.Name + ".svg"), chart.ToSvg());
            AtomicFile.WriteText(page, report.ToHtml());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException(folder, "the report cannot be written here: " + exception.Message, "give another folder with --out");
        }

        output.WriteLine($"{page}, and {report.Charts.Count()} charts in {figures}");
    }
}
