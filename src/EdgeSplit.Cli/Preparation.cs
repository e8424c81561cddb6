using EdgeSplit.Cli.Progress;
using EdgeSplit.Compute;
using EdgeSplit.Data;
using EdgeSplit.Experiments;

namespace EdgeSplit.Cli;

/// <summary>What comes before training, evaluating or showing an experiment: its data, its lanes.</summary>
internal static class Preparation
{
    /// <summary>Reads, or downloads with progress, what the experiment needs.</summary>
    public static Task<PreparedExperiment> PrepareAsync(
        Experiment experiment, string? dataDirectory, TextWriter error, CancellationToken cancellation)
    {
        DatasetCatalog catalog = new(DatasetLocations.Find(dataDirectory));
        return PreparedExperiment.PrepareAsync(experiment, catalog, progress: new DownloadBar(error), cancellation: cancellation);
    }

    /// <summary>One lane per core unless the experiment says otherwise.</summary>
    public static ComputeLanes CreateLanes(IEngine engine, ComputeConfig compute)
    {
        int lanes = compute.Lanes ?? Math.Max(1, Environment.ProcessorCount / compute.ThreadsPerLane);
        return new ComputeLanes(engine, lanes, compute.ThreadsPerLane);
    }
}
