using System.Globalization;
using EdgeSplit.Experiments.Comparisons;

namespace EdgeSplit.Reports;

/// <summary>A comparison's table: a row a method, the same for a terminal and for a page.</summary>
public static class ComparisonTable
{
    /// <summary>So many of the first columns hold words.</summary>
    public const int TextColumns = 2;

    /// <param name="comparison">What to show.</param>
    /// <returns>The headings, one for each column.</returns>
    public static IReadOnlyList<string> Headings(Comparison comparison)
    {
        string faster = $"{comparison.Methods[0].Method} is faster by";
        return comparison.TargetAccuracy is null
            ? ["method", "cut", "a round", "up/device", "down/device", "memory", faster]
            : ["method", "cut", "accuracy", "a round", string.Create(CultureInfo.InvariantCulture, $"to {comparison.TargetAccuracy:0.####}"), "up/device", "down/device", "memory", faster];
    }

    /// <param name="comparison">What to show.</param>
    /// <returns>A row for each method that can run.</returns>
    public static IReadOnlyList<IReadOnlyList<string>> Rows(Comparison comparison) =>
        [.. comparison.Methods.Where(method => method.Infeasible is null).Select(method => Row(comparison, method))];

    /// <summary>A sentence for each method that cannot run, each training that serves several, and each note.</summary>
    public static IReadOnlyList<string> Remarks(Comparison comparison) =>
    [
        .. comparison.Methods.Where(method => method.Infeasible is not null).Select(method => $"{method.Method} cannot run on this fleet: {method.Infeasible}"),
        .. comparison.TargetAccuracy is { } target
            ? comparison.Methods.Where(method => method.Curves.Count > 0 && method.SecondsTo(target) is null)
                .Select(method => string.Create(
                    CultureInfo.InvariantCulture,
                    $"{method.Method} reaches {target:0.####} with {method.Curves.Count(curve => curve.SecondsTo(target) is not null)} of {method.Curves.Count} seeds."))
            : [],
        .. comparison.Notes,
    ];

    private static string[] Row(Comparison comparison, MethodResult method)
    {
        string times = Figures.Times(comparison.SpeedUpOver(method));
        string[] sizes = method.Devices is [{ Cut: > 0 }, ..]
            ? [Figures.Bytes(method.BytesUp), Figures.Bytes(method.BytesDown), Figures.Bytes(method.MemoryBytes)]
            : [Figures.Bytes(null), Figures.Bytes(null), Figures.Bytes(null)];
        return comparison.TargetAccuracy is { } target
            ? [method.Method, method.Cuts, Figures.Accuracy(method.Accuracy, method.AccuracyDeviation, method.Curves.Count),
                Figures.Seconds(method.RoundSeconds), Figures.Seconds(method.SecondsTo(target)), .. sizes, times]
            : [method.Method, method.Cuts, Figures.Seconds(method.RoundSeconds), .. sizes, times];
    }
}
