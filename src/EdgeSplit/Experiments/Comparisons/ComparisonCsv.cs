using System.Globalization;
using System.Text;

namespace EdgeSplit.Experiments.Comparisons;

/// <summary>
/// A comparison as <c>comparison.csv</c>: a row a method. Numbers in the invariant culture, in seconds and bytes; a cell without a value
/// is empty.
/// </summary>
internal static class ComparisonCsv
{
    public const string Header =
        "method,cuts,seeds,accuracy,accuracyDeviation,roundSeconds,setupSeconds,targetAccuracy,secondsToTarget,bytesUp,bytesDown,memoryBytes,timesTheFirst,trainedAs,infeasible";

    public static string Write(Comparison comparison)
    {
        StringBuilder text = new(Header + "\n");
        foreach (MethodResult method in comparison.Methods)
        {
            double? toTarget = comparison.TargetAccuracy is { } target ? method.SecondsTo(target) : null;
            IEnumerable<string> cells =
            [
                method.Method, Quoted(method.Cuts), method.Curves.Count.ToString(CultureInfo.InvariantCulture), Number(method.Accuracy),
                Number(method.Accuracy is null ? null : method.AccuracyDeviation), Number(method.RoundSeconds), Number(method.SetupSeconds),
                Number(comparison.TargetAccuracy), Number(toTarget), Number(method.BytesUp), Number(method.BytesDown), Number(method.MemoryBytes),
                Number(comparison.SpeedUpOver(method)), method.TrainedAs ?? "", Quoted(method.Infeasible ?? ""),
            ];
            text.AppendJoin(',', cells).Append('\n');
        }

        return text.ToString();
    }

    private static string Number(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    private static string Quoted(string text) =>
        text.AsSpan().ContainsAny(",\"\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
