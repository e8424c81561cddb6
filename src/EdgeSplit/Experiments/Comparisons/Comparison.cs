using System.Text.Json.Serialization;
using EdgeSplit.Data;
using EdgeSplit.Simulation.Methods;

namespace EdgeSplit.Experiments.Comparisons;

/// <summary>
/// What a comparison came to, as <c>comparison.json</c> holds it. Accuracies are of trainings that really ran; times are of a virtual
/// clock, from the costs that <see cref="Notes"/> describe.
/// </summary>
/// <param name="Name">The experiment's.</param>
/// <param name="Model">The network's name.</param>
/// <param name="Data">The data set's name.</param>
/// <param name="Devices">In the fleet.</param>
/// <param name="Rounds">Of each training.</param>
/// <param name="Seeds">Each method is trained and timed with each.</param>
/// <param name="Methods">In the order asked for; the first is the one that the others are rivals of.</param>
public sealed record Comparison(
    string Name, string Model, string Data, int Devices, int Rounds, IReadOnlyList<ulong> Seeds, IReadOnlyList<MethodResult> Methods)
{
    /// <summary>The test accuracy whose time is told; null where nothing was trained.</summary>
    public double? TargetAccuracy { get; init; }

    /// <summary>What is measured, what is simulated and what is estimated, in sentences.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The samples of each class on each device, with the first seed.</summary>
    public DealtClasses? Classes { get; init; }

    /// <summary>Rounds of ever larger parts of the fleet, with the first seed.</summary>
    public IReadOnlyList<ScalingPoint> Scaling { get; init; } = [];

    /// <summary>How many times as long a method takes as the first: to the target where there is one, else for a round. Null where one of them does not.</summary>
    public double? SpeedUpOver(MethodResult rival) => TargetAccuracy is { } target
        ? rival.SecondsTo(target) / Methods[0].SecondsTo(target)
        : rival.RoundSeconds / Methods[0].RoundSeconds;
}

/// <summary>One method of a comparison.</summary>
/// <param name="Method">Its name.</param>
/// <param name="Cuts">Where it cuts, in words.</param>
/// <param name="Clock">How its rounds are timed, in a sentence.</param>
public sealed record MethodResult(string Method, string Cuts, string Clock)
{
    /// <summary>Why it cannot run on this fleet; null where it can. Then there are no times and no curves.</summary>
    public string? Infeasible { get; init; }

    /// <summary>The method whose training stands for this one's, because its mathematics is the same; null for its own.</summary>
    public string? TrainedAs { get; init; }

    /// <summary>Seconds of a round on the virtual clock, mean over rounds and seeds; null where it cannot run.</summary>
    public double? RoundSeconds { get; init; }

    /// <summary>Seconds before the first round, mean over seeds.</summary>
    public double SetupSeconds { get; init; }

    /// <summary>Accuracy over rounds, a curve a seed; empty where nothing was trained.</summary>
    public IReadOnlyList<AccuracyCurve> Curves { get; init; } = [];

    /// <summary>The first round device by device, with the first seed.</summary>
    public IReadOnlyList<DeviceTime> Devices { get; init; } = [];

    /// <summary>The first round's stages, drawn together, of as many devices as fit a picture.</summary>
    public IReadOnlyList<TimelineRow> Timeline { get; init; } = [];

    /// <summary>Mean bytes from a device in a round, by the cost model.</summary>
    [JsonIgnore]
    public double? BytesUp => Devices.Count > 0 ? Devices.Average(device => device.BytesUp) : null;

    /// <summary>Mean bytes to a device in a round, by the cost model.</summary>
    [JsonIgnore]
    public double? BytesDown => Devices.Count > 0 ? Devices.Average(device => device.BytesDown) : null;

    /// <summary>The most memory any device needs, by the cost model.</summary>
    [JsonIgnore]
    public double? MemoryBytes => Devices.Count > 0 ? Devices.Max(device => device.MemoryBytes) : null;

    /// <summary>The last test accuracy, mean over seeds; null where nothing was trained.</summary>
    [JsonIgnore]
    public double? Accuracy => Curves.Count > 0 ? Curves.Average(curve => curve.Points[^1].Accuracy) : null;

    /// <summary>Its sample standard deviation over seeds; 0 with one.</summary>
    [JsonIgnore]
    public double AccuracyDeviation => Curves.Count < 2
        ? 0
        : Math.Sqrt(Curves.Sum(curve => Math.Pow(curve.Points[^1].Accuracy - Accuracy!.Value, 2)) / (Curves.Count - 1));

    /// <summary>Seconds until the test accuracy is first reached, mean over seeds; null where one of them does not reach it.</summary>
    public double? SecondsTo(double accuracy)
    {
        double?[] seconds = [.. Curves.Select(curve => curve.SecondsTo(accuracy))];
        return seconds.Length > 0 && seconds.All(each => each is not null) ? seconds.Average() : null;
    }
}

/// <summary>One training, judged after some of its rounds.</summary>
public sealed record AccuracyCurve(ulong Seed, IReadOnlyList<AccuracyPoint> Points)
{
    /// <summary>Seconds until the accuracy is first reached; null if it never is.</summary>
    public double? SecondsTo(double accuracy) => Points.FirstOrDefault(point => point.Accuracy >= accuracy)?.Seconds;
}

/// <param name="Round">After which round.</param>
/// <param name="Seconds">On the virtual clock, from the start of training.</param>
/// <param name="Accuracy">On the test samples, in [0, 1].</param>
/// <param name="Loss">Mean cross-entropy on the test samples.</param>
public sealed record AccuracyPoint(int Round, double Seconds, double Accuracy, double Loss);

/// <param name="Classes">The classes' names.</param>
/// <param name="Devices">In the fleet's order.</param>
public sealed record DealtClasses(IReadOnlyList<string> Classes, IReadOnlyList<DeviceClasses> Devices)
{
    public static DealtClasses Of(PreparedExperiment prepared)
    {
        PartitionSummary dealt = PartitionSummary.Of(prepared.Data.Train, prepared.Partition);
        return new DealtClasses(
            dealt.ClassNames, [.. prepared.Experiment.Devices.Zip(dealt.Devices, (device, samples) => new DeviceClasses(device.Name, samples.ClassHistogram))]);
    }
}

/// <param name="Device">Its name.</param>
/// <param name="Samples">How many of each class.</param>
public sealed record DeviceClasses(string Device, IReadOnlyList<int> Samples);

/// <param name="Devices">So many of the fleet, drawn evenly.</param>
/// <param name="RoundSeconds">By method; methods that cannot run are left out.</param>
public sealed record ScalingPoint(int Devices, IReadOnlyDictionary<string, double> RoundSeconds);
