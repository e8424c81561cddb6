using EdgeSplit.Experiments.Comparisons;
using EdgeSplit.Reports;
using EdgeSplit.Simulation;
using EdgeSplit.Simulation.Methods;
using EdgeSplit.Tests.Reports;

namespace EdgeSplit.Tests.Experiments.Comparisons;

public class ComparisonTests
{
    private static readonly MethodResult Fast = new("edgesplit", "per device, by optimal", "side by side")
    {
        RoundSeconds = 2,
        Curves = [Curve(1, 2, 0.5, 0.8), Curve(2, 2, 0.7, 0.9)],
        Devices = [new DeviceTime("a", 1, 1, 0.25, 0.25, 0.25, 0.25, 0) { BytesUp = 1000, BytesDown = 3000, MemoryBytes = 10, UplinkShare = 4e6 }],
        Timeline = [new TimelineRow("a", [new TimelineBar(StageKind.Device, 0, 1), new TimelineBar(StageKind.Server, 1, 2)])],
    };

    private static readonly MethodResult Slow = Fast with { Method = "fedavg", TrainedAs = "edgesplit", RoundSeconds = 5, Curves = [Curve(1, 5, 0.5, 0.8), Curve(2, 5, 0.7, 0.9)] };

    private static readonly Comparison Both = new("study", "lenet5", "made-up", 1, 2, [1, 2], [Fast, Slow, new MethodResult("split", "2", "a relay") { Infeasible = "a: too little memory" }])
    {
        TargetAccuracy = 0.7,
        Notes = ["Accuracies are measured.", "Times are simulated."],
        Classes = new DealtClasses(["cat", "dog"], [new DeviceClasses("a", [3, 4])]),
        Scaling = [new ScalingPoint(1, new Dictionary<string, double> { ["edgesplit"] = 1, ["fedavg"] = 2 }), new ScalingPoint(2, new Dictionary<string, double> { ["edgesplit"] = 2, ["fedavg"] = 4 })],
    };

    [Fact]
    public void Accuracy_is_the_last_of_each_seed_with_its_sample_deviation()
    {
        Assert.Equal(0.85, Fast.Accuracy!.Value, 12);
        Assert.Equal(0.1 / Math.Sqrt(2), Fast.AccuracyDeviation, 12);
        Assert.Equal(0, (Fast with { Curves = [Fast.Curves[0]] }).AccuracyDeviation);
    }

    [Fact]
    public void Time_to_target_is_that_of_the_first_evaluation_over_it_and_unknown_where_a_seed_does_not_get_there()
    {
        Assert.Equal((4 + 2) / 2.0, Fast.SecondsTo(0.7));
        Assert.Null(Fast.SecondsTo(0.85));
        Assert.Equal(2.5, Both.SpeedUpOver(Slow));
        Assert.Null(Both.SpeedUpOver(Both.Methods[2]));
        Assert.Equal(2.5, (Both with { TargetAccuracy = null }).SpeedUpOver(Slow));
    }

    [Fact]
    public void It_is_written_and_reads_back()
    {
        using EdgeSplit.Tests.Data.TemporaryFolder folder = new();
        File.WriteAllText(folder.At("comparison.json"), ComparisonFolder.ToJson(Both));
        Comparison read = ComparisonFolder.Read(folder.At("."));
        Assert.Equal(ComparisonFolder.ToJson(Both), ComparisonFolder.ToJson(read));
        Assert.Equal(2.5, read.SpeedUpOver(read.Methods[1]));
        File.WriteAllText(folder.At("comparison.json"), "{");
        Assert.Throws<InvalidInputException>(() => ComparisonFolder.Read(folder.At(".")));
    }

    [Fact]
    public void The_csv_has_a_row_a_method_with_as_many_cells_as_the_header()
    {
        string[] lines = ComparisonCsv.Write(Both).TrimEnd().Split('\n');
        Assert.Equal(4, lines.Length);
        Assert.StartsWith("edgesplit,\"per device, by optimal\",2,0.85", lines[1], StringComparison.Ordinal);
        Assert.EndsWith(",2.5,edgesplit,", lines[2], StringComparison.Ordinal);
        Assert.All(lines, line => Assert.Equal(lines[0].Split(',').Length, line.Replace("\"per device, by optimal\"", "x", StringComparison.Ordinal).Split(',').Length));
    }

    [Fact]
    public void Its_table_says_what_cannot_run_and_why()
    {
        Assert.Equal(2, ComparisonTable.Rows(Both).Count);
        Assert.Equal("2.50x", ComparisonTable.Rows(Both)[1][^1]);
        Assert.Contains("split cannot run on this fleet: a: too little memory", ComparisonTable.Remarks(Both));
        Assert.All(ComparisonTable.Rows(Both), row => Assert.Equal(ComparisonTable.Headings(Both).Count, row.Count));
    }

    [Fact]
    public void Its_report_shows_accuracy_time_devices_classes_and_scaling()
    {
        IReadOnlyCollection<string> charts = [.. ReportPages.AssertSound(ComparisonReport.Of(Both).ToHtml()).Keys];
        Assert.Equal(
            ["accuracy-over-rounds", "accuracy-over-time", "breakdown-edgesplit", "breakdown-fedavg", "classes", "cuts-edgesplit", "round-times", "scaling", "timeline-edgesplit", "timeline-fedavg"],
            charts.Order(StringComparer.Ordinal));
        string page = ComparisonReport.Of(Both with { TargetAccuracy = null, Methods = [.. Both.Methods.Select(method => method with { Curves = [] })] }).ToHtml();
        Assert.DoesNotContain("accuracy-over-time", ReportPages.AssertSound(page).Keys);
    }

    private static AccuracyCurve Curve(ulong seed, double roundSeconds, params double[] accuracies) =>
        new(seed, [.. accuracies.Select((accuracy, index) => new AccuracyPoint(index + 1, (index + 1) * roundSeconds, accuracy, 1 - accuracy))]);
}
