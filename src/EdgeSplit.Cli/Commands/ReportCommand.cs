using System.CommandLine;
using EdgeSplit.Cli.Reporting;
using EdgeSplit.Experiments;
using EdgeSplit.Experiments.Comparisons;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Reports;

namespace EdgeSplit.Cli.Commands;

/// <summary><c>edgesplit report RUN|COMPARISON</c>: a page with charts, and each chart as an SVG and a PNG file.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        Argument<string> target = new("RUN|COMPARISON") { Description = "A folder that 'edgesplit train' or 'edgesplit compare' made." };
        Option<string?> output = new("--out") { Description = "The folder for report.html and figures. [default: the folder itself]", HelpName = "FOLDER" };
        Option<string?> dataDirectory = CommonOptions.DataDirectory();
        Command command = new("report", $"Write a self-contained report.html with charts of a run or a comparison, and in 'figures' each chart as SVG and as PNG ({FigurePng.Width} pixels wide: 600 dpi in a paper's column, 300 dpi across a page).")
        {
            target, output, dataDirectory,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            string folder = parsed.GetRequiredValue(target);
            Report report = ComparisonFolder.IsAt(folder)
                ? ComparisonReport.Of(ComparisonFolder.Read(folder))
                : await OfRunAsync(folder, parsed.GetValue(dataDirectory), parsed.InvocationConfiguration.Error, cancellation).ConfigureAwait(false);
            new ReportFiles(parsed.GetValue(output) ?? folder, FigurePng.Of).Write(report, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
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
}
