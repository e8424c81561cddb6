namespace EdgeSplit.Experiments.Runs;

/// <summary>A run about to be trained: its folder, its experiment, and where it goes on.</summary>
/// <param name="Claim">The folder, which is this process's.</param>
/// <param name="Prepared">What is trained, with what was changed since it began.</param>
public sealed record RunStart(RunClaim Claim, PreparedExperiment Prepared)
{
    /// <summary>Where it goes on; null where nothing of it was recorded, so that it has yet to begin.</summary>
    public Resumption? Resumption { get; init; }

    /// <summary>What it does otherwise from now on; null for nothing. It is written down once the run is trained.</summary>
    public RunChange? Change { get; init; }

    /// <summary>Of a run that goes on.</summary>
    /// <param name="claim">Of it.</param>
    /// <param name="prepared">Its experiment, with what was changed before.</param>
    /// <param name="set">What is to be changed now, as on the command line.</param>
    /// <exception cref="InvalidInputException">It cannot go on, or not so. Nothing is changed.</exception>
    public static RunStart Of(RunClaim claim, PreparedExperiment prepared, IReadOnlyList<string> set)
    {
        Resumption? resumption = Resumption.Find(claim.Folder, prepared.Network, prepared.Experiment.Training, prepared.Contract);
        RunStart start = new(claim, prepared) { Resumption = resumption };
        if (set.Count == 0)
            return start;
        try
        {
            RunChange change = new((resumption?.Start.Rounds ?? 0) + 1, set);
            string path = claim.Folder.ExperimentPath;
            RunOrigin origin = RunOrigin.Read(claim.Folder.OriginPath) ?? RunOrigin.Of(claim.Folder);
            Experiment before = origin.ApplyTo(path), after = origin.With(change).ApplyTo(path);
            if (change.Faults(before.Training, after.Training).ToArray() is { Length: > 0 } faults)
                throw new InvalidInputException(faults);
            return change.ToEvent(before.Training, after.Training) is null
                ? start
                : start with { Change = change, Prepared = prepared.With(after.Training) };
        }
        catch
        {
            resumption?.Start.Weights.Dispose();
            throw;
        }
    }
}
