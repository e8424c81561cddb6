using System.Globalization;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Simulation.Methods;
using EdgeSplit.Training;

namespace EdgeSplit.Experiments.Comparisons;

/// <summary>Puts a comparison together: times of its plan, and accuracies of the runs that are done.</summary>
public static class ComparisonResults
{
    /// <summary>Parts of the fleet whose rounds are timed beside the whole one's.</summary>
    private static readonly int[] Parts = [8, 4, 2, 1];

    /// <param name="plan">With all methods timed.</param>
    /// <param name="folder">Where the runs are; null where nothing was trained.</param>
    public static Comparison Of(ComparisonPlan plan, ComparisonFolder? folder)
    {
        PreparedExperiment first = plan.First;
        MethodResult[] methods = [.. plan.Request.Methods.Select((_, index) => ResultOf(plan, folder, index))];
        double[] reached = [.. methods.SelectMany(method => method.Curves).Select(curve => curve.Points.Max(point => point.Accuracy))];
        return new Comparison(
            first.Experiment.Name, first.Network.Spec.Name, first.Data.Name, first.Experiment.Devices.Count, first.Experiment.Training.Rounds,
            [.. plan.Seeds.Select(seed => seed.Seed)], methods)
        {
            TargetAccuracy = reached.Length == 0 ? null : plan.Request.TargetAccuracy ?? reached.Min(),
            Notes = NotesOf(plan, reached.Length > 0),
            Classes = DealtClasses.Of(first),
            Scaling = ScalingOf(plan),
        };
    }

    private static MethodResult ResultOf(ComparisonPlan plan, ComparisonFolder? folder, int index)
    {
        string method = plan.Request.Methods[index];
        MethodClock clock = MethodClocks.Of(method);
        SeedTimes first = plan.Seeds[0];
        MethodResult result = new(method, CutsOf(plan, clock), clock.Explanation);
        if (plan.Seeds.FirstOrDefault(seed => seed.Methods[index].Infeasible.Count > 0) is { } without)
        {
            var devices = without.Methods[index].Infeasible;
            string more = devices.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $" (and {devices.Count - 1} more)") : "";
            return result with { Infeasible = $"{devices[0].Device}: {devices[0].Reason}{more}" };
        }

        RoundTimes times = first.Methods[index];
        string? trainer = plan.Trainings.FirstOrDefault(training => training.Serves.Contains(method))?.Method;
        return result with
        {
            TrainedAs = trainer == method ? null : trainer,
            RoundSeconds = plan.Seeds.Average(seed => seed.Methods[index].MeanSeconds),
            SetupSeconds = plan.Seeds.Average(seed => seed.Methods[index].First.SetupSeconds),
            Devices = times.First.Devices,
            Timeline = TimelineRow.Of(times.First.Trace, [.. times.First.Devices.Select(device => device.Device)], times.First.RoundSeconds),
            Curves = folder is null ? [] : [.. plan.Seeds.Select(seed => CurveOf(
                folder, plan.Trainings.First(training => training.Seed == seed.Seed && training.Serves.Contains(method)), seed.Methods[index]))],
        };
    }

    private static AccuracyCurve CurveOf(ComparisonFolder folder, ComparisonTraining training, RoundTimes times)
    {
        if (folder.RunOf(training) is not { IsComplete: true } run)
            throw new InvalidInputException(folder.PathOf(training), "this training is not done", "compare again");
        return new AccuracyCurve(training.Seed, [.. run.ReadEvents().OfType<Evaluated>()
            .Select(judged => new AccuracyPoint(judged.Round, times.SecondsUntil(judged.Round), judged.Accuracy, judged.Loss))]);
    }

    private static string CutsOf(ComparisonPlan plan, MethodClock clock) => clock.Cuts switch
    {
        CutChoice.PerDevice when plan.Request.Experiment.Plan is { } policy => $"per device, by {policy.Policy}",
        CutChoice.PerDevice => "per device, by the file",
        CutChoice.Common => string.Join(" or ", plan.Seeds.Select(seed => seed.CommonCut).Distinct().Select(cut => cut is { } number
            ? string.Create(CultureInfo.InvariantCulture, $"{number} {plan.First.Network.Blocks[number - 1].Name}")
            : "none fits all")) + (plan.Request.CommonCut is null ? ", the best for all" : " for all"),
        CutChoice.WholeNetwork => "none",
        _ => "none, no devices",
    };

    private static List<string> NotesOf(ComparisonPlan plan, bool isTrained)
    {
        List<string> notes = [];
        if (isTrained)
            notes.Add("Accuracies are measured: every training ran, on this machine. Times are simulated: each method's rounds on a virtual clock.");
        else
            notes.Add("Times are simulated: each method's rounds on a virtual clock. Nothing was trained.");
        notes.Add(CostsOf(plan.Seeds[0].Costs));
        notes.Add("Bytes and memory follow from the cost model. Aggregation and evaluation take no time.");
        foreach (ComparisonTraining shared in plan.Trainings.Where(one => one.Seed == plan.Seeds[0].Seed && one.Serves.Count > 1))
            notes.Add($"{string.Join(", ", shared.Serves)} come to the same weights, bit for bit: they share one training and differ in time only.");
        if (plan.Request.Methods.Contains("centralized"))
            notes.Add("centralized needs all raw data at the server: its times begin with that upload, which the other methods are there to avoid.");
        TrainingSpec training = plan.Request.Experiment.Training;
        if (training.ServerMomentum > 0 || training.Optimizer.Proximal > 0)
            notes.Add("The proximal term and the server's momentum go with edgesplit, splitfed-v1 and fedavg; the other methods are trained without them.");
        if (plan.Request.Experiment.Patience is not { Deadline: null, MinimumDevices: null })
            notes.Add("Deadlines and minimum numbers of devices are left out: all devices are waited for.");
        return notes;
    }

    private static string CostsOf(ProblemBuilder costs)
    {
        int estimates = costs.Fleet.Devices.Count(device => device.Profile.IsEstimate), all = costs.Fleet.Devices.Count;
        string devices = estimates == all ? "the devices' are estimates by device class"
            : estimates == 0 ? "the devices' are measured profiles"
            : string.Create(CultureInfo.InvariantCulture, $"of {all} devices, {estimates} are estimates by device class, the others measured profiles");
        return $"Costs of computing: {devices}, the server's {(costs.Fleet.Server.Profile.IsEstimate ? "an estimate" : "a measured profile")}; links are as the experiment says.";
    }

    private static List<ScalingPoint> ScalingOf(ComparisonPlan plan)
    {
        SeedTimes seed = plan.Seeds[0];
        int all = seed.Costs.Fleet.Devices.Count;
        List<ScalingPoint> points = [];
        foreach (int count in Parts.Select(part => Math.Max(1, all / part)).Distinct())
        {
            int[] devices = [.. Enumerable.Range(0, count).Select(index => (int)((long)index * all / count))];
            Dictionary<string, double> seconds = [];
            foreach (MethodClock clock in plan.Request.Methods.Select(MethodClocks.Of))
            {
                MethodTime time = seed.Timer.Of(clock, devices, plan.Request.CommonCut);
                if (time.IsFeasible)
                    seconds[clock.Method] = time.RoundSeconds;
            }

            points.Add(new ScalingPoint(count, seconds));
        }

        return points;
    }
}
