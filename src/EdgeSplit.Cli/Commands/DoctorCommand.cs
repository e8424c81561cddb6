using System.CommandLine;
using System.Text.Json;

namespace EdgeSplit.Cli.Commands;

/// <summary><c>edgesplit doctor</c>: what works on this machine, and what to do about what does not.</summary>
internal static class DoctorCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private static readonly Option<OutputFormat> Format = CommonOptions.Format();

    public static Command Create()
    {
        Command command = new("doctor", "Say what works on this machine, and what to do about what does not; fails if training does not work.") { Format };
        command.SetAction((parsed, _) => RunAsync(parsed));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed)
    {
        DoctorReport report = await DoctorReport.ExamineAsync().ConfigureAwait(false);
        TextWriter output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(Format) == OutputFormat.Json)
            await output.WriteLineAsync(JsonSerializer.Serialize(report, Json)).ConfigureAwait(false);
        else
            await WriteTextAsync(report, output).ConfigureAwait(false);
        return report.CanTrain ? 0 : 1;
    }

    private static async Task WriteTextAsync(DoctorReport report, TextWriter output)
    {
        foreach (DoctorFinding finding in report.Findings)
        {
            await output.WriteLineAsync($"{(finding.Works ? "ok  " : "no  ")}{finding.Name,-11}{finding.Detail}").ConfigureAwait(false);
            if (finding.Remedy is not null)
                await output.WriteLineAsync($"    {"",-11}-> {finding.Remedy}").ConfigureAwait(false);
        }

        await output.WriteLineAsync(report.CanTrain ? "Training works on this machine." : "Training does not work on this machine yet.").ConfigureAwait(false);
    }
}
