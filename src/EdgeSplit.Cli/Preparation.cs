using EdgeSplit.Cli.Progress;
using EdgeSplit.Compute;
using EdgeSplit.Data;
using EdgeSplit.Experiments;
using EdgeSplit.Torch;

namespace EdgeSplit.Cli;

/// <summary>What comes before training or evaluating an experiment: its data, its engine, its lanes.</summary>
internal static class Preparation
{
    /// <summary>Reads the experiment and what it needs, downloading data with progress; null for what has faults.</summary>
    /// <param name="read">The experiment; null where its faults are told already.</param>
    /// <param name="device">What <c>--device</c> says; null for the experiment's own.</param>
    /// <param name="dataDirectory">What <c>--data-dir</c> says.</param>
    /// <param name="faults">Gets all that is wrong.</param>
    /// <param name="error">Where a download shows its progress.</param>
    /// <param name="cancellation">Ends a download, as Ctrl-C does.</param>
    /// <param name="hearsSignals">Whether that is left to who gives the cancellation.</param>
    public static async Task<(PreparedExperiment? Prepared, TorchEngine? Engine)> PrepareAsync(
        Func<Experiment?> read, string? device, string? dataDirectory, FaultCollector faults, TextWriter error, CancellationToken cancellation,
        bool hearsSignals = false)
    {
        Experiment? experiment = faults.Try(() => read()!);
        if (experiment is not null && device is not null)
            experiment = experiment with { Compute = experiment.Compute with { Device = device } };
        TorchEngine? engine = (device ?? experiment?.Compute.Device) is { } chosen
            ? faults.Try(() => CreateEngine(chosen, device is null ? "compute.device" : "--device"))
            : null;
        return (await LoadAsync(experiment, dataDirectory, faults, error, cancellation, hearsSignals).ConfigureAwait(false), engine);
    }

    /// <summary>Reads what the experiment needs but an engine; null for what has faults, and where the experiment itself had.</summary>
    public static async Task<PreparedExperiment?> LoadAsync(
        Experiment? experiment, string? dataDirectory, FaultCollector faults, TextWriter error, CancellationToken cancellation, bool hearsSignals = false)
    {
        DatasetLocations? locations = faults.Try(() => DatasetLocations.Find(dataDirectory));
        if (experiment is null || locations is null)
            return null;
        DatasetCatalog catalog = new(locations);
        // No one should wait for a download only to be told of what was wrong before.
        if (!faults.IsEmpty && experiment.Data.Source is DataSource.Named named && faults.Try(() => catalog.Find(named.Name) ?? "") is null or "")
            return null;
        using InterruptSignal? interrupt = hearsSignals ? null : new(cancellation);
        CancellationToken given = interrupt?.Token ?? cancellation;
        PreparedExperiment? prepared = await faults
            .TryAsync(() => PreparedExperiment.PrepareAsync(experiment, catalog, progress: new DownloadBar(error), cancellation: given))
            .ConfigureAwait(false);
        given.ThrowIfCancellationRequested();
        return prepared;
    }

    /// <param name="device">cpu, cuda or cuda:N.</param>
    /// <param name="where">What names the device, for faults.</param>
    /// <exception cref="InvalidInputException">There is no such device.</exception>
    public static TorchEngine CreateEngine(string device, string where)
    {
        try
        {
            return new TorchEngine(device);
        }
        catch (InvalidInputException invalid)
        {
            throw new InvalidInputException([.. invalid.Faults.Select(fault => fault with { Where = where })]);
        }
    }

    /// <summary>One lane per core unless the experiment says otherwise.</summary>
    public static ComputeLanes CreateLanes(IEngine engine, ComputeConfig compute)
    {
        int lanes = compute.Lanes ?? Math.Max(1, Environment.ProcessorCount / compute.ThreadsPerLane);
        return new ComputeLanes(engine, lanes, compute.ThreadsPerLane);
    }
}
