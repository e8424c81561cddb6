using System.Globalization;
using EdgeSplit.Experiments.Comparisons;
using EdgeSplit.Reports.Charts;

namespace EdgeSplit.Reports;

/// <summary>The report of a comparison.</summary>
public static class ComparisonReport
{
    /// <summary>From this ratio of the slowest to the fastest on, a time axis is logarithmic.</summary>
    private const double WideRange = 12;

    public static Report Of(Comparison comparison)
    {
        MethodResult[] able = [.. comparison.Methods.Where(method => method.Infeasible is null)];
        string seeds = comparison.Seeds.Count == 1 ? "one seed" : string.Create(CultureInfo.InvariantCulture, $"{comparison.Seeds.Count} seeds");
        List<ReportSection> sections =
        [
            new("Methods side by side")
            {
                Table = new ReportTable(ComparisonTable.Headings(comparison), ComparisonTable.TextColumns, ComparisonTable.Rows(comparison)),
                Remarks = ComparisonTable.Remarks(comparison),
            },
        ];
        if (able.Any(method => method.Curves.Count > 0))
            sections.Add(new ReportSection("Accuracy") { Charts = [OverTime(comparison, able), OverRounds(comparison, able)] });
        if (able.Length > 0)
        {
            sections.Add(new ReportSection("Time") { Charts = [RoundTimes(comparison, able), .. ScalingOf(comparison)] });
            sections.Add(new ReportSection("Where a round goes")
            {
                Charts = [.. able.SelectMany(method => new Chart[]
                {
                    DeviceCharts.Breakdown(method.Method, method.Devices), DeviceCharts.Timeline(method.Method, method.Timeline, method.Devices.Count),
                })],
                Remarks = [.. able.Select(method => $"{method.Method}: {method.Clock}.")],
            });
        }

        Chart? shares = able.Length > 0 ? DeviceCharts.CutsAndShares(able[0].Method, able[0].Devices) : null;
        Chart?[] fleet = [shares, comparison.Classes is { } dealt ? DeviceCharts.Classes(dealt) : null];
        sections.Add(new ReportSection("The fleet and its data") { Charts = [.. fleet.OfType<Chart>()] });
        return new Report(
            $"{comparison.Name}: {comparison.Methods.Count} methods compared",
            string.Create(CultureInfo.InvariantCulture, $"{comparison.Model} on {comparison.Data}, {comparison.Devices} devices, {comparison.Rounds} rounds, {seeds}."),
            sections);
    }

    private static LineChart OverTime(Comparison comparison, MethodResult[] methods)
    {
        LineSeries[] lines = [.. methods.Where(method => method.Curves.Count > 0)
            .Select(method => AccuracyOf(comparison, method, method.Method, point => point.Seconds))];
        double[] ends = [.. lines.Select(line => line.Points[^1].X)];
        return new LineChart(
            "accuracy-over-time", "Accuracy over time",
            $"Accuracy is measured, time is simulated: each round takes what the method's clock says. {OverSeeds(comparison)}, a point an evaluation.",
            new Axis("time on the virtual clock (s)", IsLogarithmic: ends.Max() > WideRange * ends.Min()), new Axis("test accuracy (fraction)"), lines)
        {
            Mark = comparison.TargetAccuracy is { } target ? (target, string.Create(CultureInfo.InvariantCulture, $"target {target:0.####}")) : null,
        };
    }

    private static LineChart OverRounds(Comparison comparison, MethodResult[] methods) => new(
        "accuracy-over-rounds", "Accuracy over rounds",
        $"Accuracy is measured. {OverSeeds(comparison)}, a point an evaluation. Methods that come to the same weights share a line.",
        new Axis("round (count)"), new Axis("test accuracy (fraction)"),
        [.. methods.Where(method => method.Curves.Count > 0).GroupBy(method => method.TrainedAs ?? method.Method)
            .Select(group => AccuracyOf(comparison, group.First(), string.Join(", ", group.Select(method => method.Method)), point => point.Round))]);

    private static BarChart RoundTimes(Comparison comparison, MethodResult[] methods) => new(
        "round-times", "A round of each method", "Simulated; mean over rounds and seeds. Beside each bar: its ratio to the first method's.", "method",
        new Axis("time of a round (s)"), [new BarPart("round", Palette.Compute)],
        [.. methods.Select(method => new Bar(method.Method, [method.RoundSeconds!.Value], Figures.Times(method.RoundSeconds / comparison.Methods[0].RoundSeconds)))]);

    private static Chart[] ScalingOf(Comparison comparison) => comparison.Scaling.Count < 2 ? [] :
    [
        new LineChart(
            "scaling", "Scaling", "A round of ever larger parts of the fleet, drawn evenly, on the same link and server. Simulated.",
            new Axis("devices (count)", IsLogarithmic: true), new Axis("time of a round (s)", IsLogarithmic: true),
            [.. comparison.Methods.Select(method => LineOf(comparison, method, method.Method, [.. comparison.Scaling
                .Where(point => point.RoundSeconds.ContainsKey(method.Method))
                .Select(point => ((double)point.Devices, point.RoundSeconds[method.Method]))]))]),
    ];

    /// <summary>A line that looks the same in every chart.</summary>
    private static LineSeries LineOf(Comparison comparison, MethodResult method, string name, IReadOnlyList<(double X, double Y)> points) =>
        new(name, points) { Look = comparison.Methods.Select((one, index) => (one.Method, index)).First(one => one.Method == method.Method).index };

    /// <summary>The mean curve of all seeds, evaluation by evaluation, with their sample standard deviation where there are several.</summary>
    private static LineSeries AccuracyOf(Comparison comparison, MethodResult method, string name, Func<AccuracyPoint, double> x)
    {
        int evaluations = method.Curves.Min(curve => curve.Points.Count), seeds = method.Curves.Count;
        (double X, double Mean, double Deviation)[] at = [.. Enumerable.Range(0, evaluations).Select(index =>
        {
            double mean = method.Curves.Average(curve => curve.Points[index].Accuracy);
            double squares = method.Curves.Sum(curve => Math.Pow(curve.Points[index].Accuracy - mean, 2));
            return (method.Curves.Average(curve => x(curve.Points[index])), mean, Math.Sqrt(squares / Math.Max(1, seeds - 1)));
        })];
        LineSeries line = LineOf(comparison, method, name, [.. at.Select(point => (point.X, point.Mean))]);
        return seeds == 1 ? line : line with
        {
            Spread = [.. at.Select(point => (point.X, Math.Max(0, point.Mean - point.Deviation), Math.Min(1, point.Mean + point.Deviation)))],
        };
    }

    private static string OverSeeds(Comparison comparison) => comparison.Seeds.Count == 1
        ? "One seed"
        : string.Create(CultureInfo.InvariantCulture, $"Mean over {comparison.Seeds.Count} seeds, shaded by their standard deviation up and down");
}
