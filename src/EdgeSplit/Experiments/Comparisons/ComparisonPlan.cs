using EdgeSplit.Planning.Costs;
using EdgeSplit.Simulation.Methods;

namespace EdgeSplit.Experiments.Comparisons;

/// <summary>
/// A comparison before anything is trained: every method's rounds timed with every seed, and the trainings that are to be made. Of
/// methods with the same mathematics only the first that the fleet can run is trained.
/// </summary>
public sealed class ComparisonPlan
{
    private readonly ComparisonRequest request;
    private readonly List<SeedTimes> seeds = [];
    private readonly List<ComparisonTraining> trainings = [];
    private PreparedExperiment? first;

    private ComparisonPlan(ComparisonRequest request) => this.request = request;

    /// <summary>What is to be trained, by seed and then by method; empty where only times are asked for.</summary>
    public IReadOnlyList<ComparisonTraining> Trainings => trainings;

    internal ComparisonRequest Request => request;

    /// <summary>The experiment with the first seed, ready.</summary>
    internal PreparedExperiment First => first!;

    internal IReadOnlyList<SeedTimes> Seeds => seeds;

    /// <param name="request">Without faults.</param>
    /// <param name="prepareAsync">Reads an experiment's data.</param>
    /// <param name="clock">Measures the time that a plan may take.</param>
    /// <exception cref="InvalidInputException">The fleet's costs are not known, or a profile is none of this network.</exception>
    public static async Task<ComparisonPlan> MakeAsync(
        ComparisonRequest request, Func<Experiment, Task<PreparedExperiment>> prepareAsync, TimeProvider clock)
    {
        ComparisonPlan plan = new(request);
        foreach (ulong seed in request.SeedValues)
        {
            PreparedExperiment prepared = await prepareAsync(
                request.Experiment with { Training = request.Experiment.Training with { Seed = seed } }).ConfigureAwait(false);
            plan.first ??= prepared;
            plan.Add(seed, prepared, clock);
        }

        return plan;
    }

    private void Add(ulong seed, PreparedExperiment prepared, TimeProvider clock)
    {
        Experiment experiment = prepared.Experiment;
        if (request.CommonCut > prepared.Network.Length)
            throw new InvalidInputException("--cut", $"{prepared.Network.Spec.Name} has {prepared.Network.Length} blocks, so there is no cut {request.CommonCut}", "give one of them");
        ProblemBuilder costs = new(
            prepared.Network, FleetCosts.Of(experiment, prepared.Network, prepared.Samples), FleetCosts.WorkOf(experiment.Training));
        RoundTimer timer = new(experiment, costs, clock);
        int? commonCut = request.CommonCut ?? timer.BestCommonCut();
        RoundTimes[] times = [.. request.Methods.Select(method => timer.Time(MethodClocks.Of(method), commonCut))];
        seeds.Add(new SeedTimes(seed, timer, commonCut, costs, times));
        if (request.IsTimeOnly)
            return;
        var groups = request.Methods.Zip(times)
            .Where(pair => pair.Second.Infeasible.Count == 0)
            .GroupBy(pair => (ComparedMethods.MathematicsOf(pair.First, experiment.Training), string.Join('\n', pair.Second.Excluded)));
        foreach (var group in groups)
        {
            string method = group.First().First;
            trainings.Add(new ComparisonTraining(
                method, seed, ComparedMethods.Of(experiment, MethodClocks.Of(method), seed, commonCut), [.. group.Select(pair => pair.First)]));
        }
    }
}

/// <summary>All methods' rounds with one seed.</summary>
/// <param name="Seed">Which decides the partition, and so who has how much to do.</param>
/// <param name="Timer">What timed them.</param>
/// <param name="CommonCut">The cut of methods with one for all; null where none fits all devices.</param>
/// <param name="Costs">Of the whole fleet.</param>
/// <param name="Methods">In the order asked for.</param>
internal sealed record SeedTimes(ulong Seed, RoundTimer Timer, int? CommonCut, ProblemBuilder Costs, IReadOnlyList<RoundTimes> Methods);
