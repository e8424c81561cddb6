using System.Globalization;
using EdgeSplit.Experiments;
using EdgeSplit.Experiments.Comparisons;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Planning.Policies;
using EdgeSplit.Reports.Charts;
using EdgeSplit.Simulation.Methods;
using EdgeSplit.Training;

namespace EdgeSplit.Reports;

/// <summary>The report of one run.</summary>
public static class RunReport
{
    /// <param name="folder">The run.</param>
    /// <param name="prepared">Its experiment with its data, for what depends on how that was dealt; null where the data is not there.</param>
    /// <exception cref="InvalidInputException">The run's files cannot be read.</exception>
    public static Report Of(RunFolder folder, PreparedExperiment? prepared)
    {
        Experiment experiment = prepared?.Experiment ?? folder.ReadExperiment();
        IReadOnlyList<RunEvent> events = folder.ReadEvents();
        RunStarted? started = events.OfType<RunStarted>().FirstOrDefault();
        MethodTime? time = prepared is null || started is null ? null : TimeOf(prepared, started.Method);
        List<Chart> accuracy = AccuracyCharts(events);
        List<Chart> round = time is null ? [] :
        [
            DeviceCharts.Breakdown(time.Method, time.Devices),
            DeviceCharts.Timeline(time.Method, TimelineRow.Of(time.Trace, [.. time.Devices.Select(device => device.Device)], time.RoundSeconds), time.Devices.Count),
        ];
        List<Chart> fleet = [.. SharesOf(folder)];
        if (prepared is not null)
            fleet.Add(DeviceCharts.Classes(DealtClasses.Of(prepared)));
        return new Report(
            $"{experiment.Name}: a run of {started?.Method ?? "no method"}", LeadOf(started, events),
            [
                new("The run") { Table = FactsOf(experiment, events), Remarks = RemarksOf(events, prepared, time) },
                .. Section("Accuracy and time", accuracy), .. Section("Where a round goes", round), .. Section("The fleet and its data", fleet),
            ]);
    }

    private static IEnumerable<ReportSection> Section(string title, List<Chart> charts) => charts.Count > 0 ? [new ReportSection(title) { Charts = charts }] : [];

    private static string LeadOf(RunStarted? started, IReadOnlyList<RunEvent> events) => started is null
        ? "The run ended before it began to train."
        : string.Create(CultureInfo.InvariantCulture,
            $"{started.Model} with {started.Parameters:#,0} parameters in {started.Blocks} blocks, {started.Devices} devices, {started.Engine}, seed {started.Seed}; {events.OfType<RoundFinished>().Count()} rounds.");

    private static ReportTable FactsOf(Experiment experiment, IReadOnlyList<RunEvent> events)
    {
        Evaluated? last = events.OfType<Evaluated>().LastOrDefault();
        RunFinished? end = events.OfType<RunFinished>().LastOrDefault();
        IReadOnlyList<DeviceFinished> devices = [.. events.OfType<DeviceFinished>()];
        return new ReportTable(["figure", "value"], 1,
        [
            ["test accuracy", Figures.Accuracy(last?.Accuracy, 0, 1)],
            ["rounds", string.Create(CultureInfo.InvariantCulture, $"{events.OfType<RoundFinished>().Count()} of {experiment.Training.Rounds}")],
            ["wall-clock time, measured", Figures.Seconds(end?.WallSeconds)],
            ["bytes up in all, measured", Figures.Bytes(devices.Sum(device => (double)device.BytesUp))],
            ["bytes down in all, measured", Figures.Bytes(devices.Sum(device => (double)device.BytesDown))],
            ["how it ended", end?.Reason.ToString().ToLowerInvariant() ?? "it has not"],
        ]);
    }

    private static List<string> RemarksOf(IReadOnlyList<RunEvent> events, PreparedExperiment? prepared, MethodTime? time)
    {
        List<string> remarks = [.. events.OfType<RunWarning>().Select(warning => warning.Message)];
        if (prepared is null)
            remarks.Add("The data is not on this machine: what depends on how it was dealt is left out.");
        else if (time is null)
            remarks.Add("Where a round goes is left out: the experiment does not say what its fleet and links cost.");
        else
            remarks.Add("Accuracies and wall-clock times are measured; where a round goes is simulated from the costs in the experiment.");
        return remarks;
    }

    private static List<Chart> AccuracyCharts(IReadOnlyList<RunEvent> events)
    {
        Evaluated[] judged = [.. events.OfType<Evaluated>()];
        RoundFinished[] rounds = [.. events.OfType<RoundFinished>()];
        List<Chart> charts = [];
        if (judged.Length > 0)
        {
            charts.Add(new LineChart(
                "accuracy-over-time", "Accuracy over time", "Both measured; wall-clock time of this run, evaluation included.",
                new Axis("wall-clock time (s)"), new Axis("test accuracy (fraction)"),
                [new LineSeries("test accuracy", [.. judged.Select(one => (one.ElapsedSeconds ?? 0, one.Accuracy))])]));
            charts.Add(new LineChart(
                "accuracy-over-rounds", "Accuracy over rounds", "Measured on the test samples, a point an evaluation.",
                new Axis("round (count)"), new Axis("test accuracy (fraction)"),
                [new LineSeries("test accuracy", [.. judged.Select(one => ((double)one.Round, one.Accuracy))])]));
        }

        if (rounds.Length > 0)
        {
            charts.Add(new LineChart(
                "loss-over-rounds", "Loss over rounds", "Mean cross-entropy: over a round's training samples, and over the test samples.",
                new Axis("round (count)"), new Axis("cross-entropy (nats)"),
                [
                    new LineSeries("training", [.. rounds.Select(one => ((double)one.Round, one.Loss))]),
                    new LineSeries("test", [.. judged.Select(one => ((double)one.Round, one.Loss))]),
                ]));
            charts.Add(new LineChart(
                "round-times", "Time of each round", "Measured on this machine, evaluation excluded; beside it what the plan claims for the fleet, where there is one.",
                new Axis("round (count)"), new Axis("time of a round (s)"),
                [
                    new LineSeries("measured", [.. rounds.Select(one => ((double)one.Round, one.Seconds))]),
                    new LineSeries("claimed by the plan", [.. events.OfType<RoundPlanned>().Where(plan => plan.RoundSeconds is not null)
                        .Select(plan => ((double)plan.Round, plan.RoundSeconds!.Value))]),
                ]));
        }

        return charts;
    }

    private static IEnumerable<Chart> SharesOf(RunFolder folder)
    {
        if (!File.Exists(folder.PlanPath) || folder.ReadPlan() is not [RoundPlan plan, ..] || plan.Devices.All(device => device.Shares is null))
            return [];
        return [DeviceCharts.CutsAndShares(
            "cuts", $"Cut and share of each device, by {plan.Policy}", DeviceCharts.Some(plan.Devices.Count),
            DeviceCharts.Drawn(plan.Devices).Select(device => (device.Name, device.Cut, device.Shares?.Values.FirstOrDefault() ?? 0)))];
    }

    private static MethodTime? TimeOf(PreparedExperiment prepared, string method)
    {
        Experiment experiment = prepared.Experiment;
        if (!FleetCosts.AreKnown(experiment) || MethodClocks.All.FirstOrDefault(clock => clock.Method == method) is not { Cuts: not CutChoice.NoDevices } clock)
            return null;
        ProblemBuilder costs = new(prepared.Network, FleetCosts.Of(experiment, prepared.Network, prepared.Samples), FleetCosts.WorkOf(experiment.Training));
        IPlanPolicy policy = experiment.Plan is { } plan ? PlanPolicies.Parse(plan.Policy) : new GivenCutsPolicy(prepared.Cuts);
        MethodTime time = clock.Time(costs, policy, experiment.Plan is { LendIdleShares: true });
        return time.IsFeasible ? time : null;
    }
}
