using EdgeSplit.Experiments.Keys;
using EdgeSplit.Simulation.Methods;

namespace EdgeSplit.Experiments.Comparisons;

/// <summary>What a user asks to compare.</summary>
public sealed record ComparisonRequest
{
    /// <summary>The experiment whose network, data, fleet and training all methods share.</summary>
    public required Experiment Experiment { get; init; }

    /// <summary>The methods, each once; the first is the one that the others are rivals of.</summary>
    public required IReadOnlyList<string> Methods { get; init; }

    /// <summary>So many seeds, from the experiment's own on.</summary>
    public int Seeds { get; init; } = 1;

    /// <summary>The test accuracy in [0, 1] whose time is asked for; null for the highest that every training reached.</summary>
    public double? TargetAccuracy { get; init; }

    /// <summary>The cut of the methods with one for all; null for the planner's best.</summary>
    public int? CommonCut { get; init; }

    /// <summary>Train nothing.</summary>
    public bool IsTimeOnly { get; init; }

    /// <summary>The methods that can be trained, all of which can be timed.</summary>
    public static IReadOnlyList<string> TrainableMethods { get; } =
        [.. MethodClocks.All.Select(clock => clock.Method).Where(Vocabulary.Methods.ContainsKey)];

    /// <summary>The methods that can be timed.</summary>
    public static IReadOnlyList<string> TimeableMethods { get; } = [.. MethodClocks.All.Select(clock => clock.Method)];

    internal IEnumerable<ulong> SeedValues => Enumerable.Range(0, Seeds).Select(index => Experiment.Training.Seed + (ulong)index);

    /// <summary>Everything wrong with the request itself.</summary>
    public IReadOnlyList<Fault> Check()
    {
        List<Fault> faults = [];
        IReadOnlyList<string> known = IsTimeOnly ? TimeableMethods : TrainableMethods;
        if (Methods.Count == 0)
            faults.Add(new Fault("--methods", "there is nothing to compare", $"name some of {string.Join(", ", known)}"));
        foreach (string method in Methods.Distinct())
        {
            if (known.Contains(method))
                continue;
            string remedy = TimeableMethods.Contains(method)
                ? "say --time-only to time it without training"
                : NearestName.Of(method, known) is string nearest ? $"did you mean '{nearest}'?" : $"name some of {string.Join(", ", known)}";
            faults.Add(new Fault("--methods", TimeableMethods.Contains(method) ? $"'{method}' cannot be trained yet" : $"there is no method '{method}'", remedy));
        }

        if (Methods.GroupBy(method => method).FirstOrDefault(group => group.Count() > 1) is { } twice)
            faults.Add(new Fault("--methods", $"'{twice.Key}' is there twice", "name it once"));
        if (Seeds is < 1 or > 1000)
            faults.Add(new Fault("--seeds", $"{Seeds} is no number of seeds", "give 1 to 1000"));
        if (TargetAccuracy is { } target && !(target > 0 && target <= 1))
            faults.Add(new Fault("--target", FormattableString.Invariant($"{target} is no accuracy"), "give a fraction over 0 up to 1"));
        if (CommonCut < 1)
            faults.Add(new Fault("--cut", $"{CommonCut} is no cut", "give 1 or more, or leave it out for the best"));
        return faults;
    }
}
