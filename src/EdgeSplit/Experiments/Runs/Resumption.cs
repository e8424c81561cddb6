using EdgeSplit.Compute;
using EdgeSplit.Data;
using EdgeSplit.Models;
using EdgeSplit.Training;

namespace EdgeSplit.Experiments.Runs;

/// <summary>Where a run that ended, or was ended, goes on.</summary>
/// <param name="Checkpoint">The last round completed and kept, or round 0.</param>
/// <param name="Start">What training came to by then; its weights are for training to take over.</param>
/// <param name="Warnings">What was passed over on the way.</param>
public sealed record Resumption(Checkpoint Checkpoint, TrainingResult Start, IReadOnlyList<string> Warnings)
{
    /// <summary>The plan that the last round completed was trained by; null before the first plan.</summary>
    public RoundPlanned? PlanInForce { get; init; }

    /// <summary>What decided the bits of what was computed last; null where the events do not say.</summary>
    public string? Numerics { get; init; }

    /// <summary>Finds where the run goes on; null where nothing of it was recorded, so that it has yet to begin.</summary>
    /// <param name="folder">The run's.</param>
    /// <param name="network">Of its experiment.</param>
    /// <param name="training">Of its experiment.</param>
    /// <param name="contract">Of its data, as they are now; null where that does not matter.</param>
    /// <exception cref="InvalidInputException">
    /// The experiment in the folder, or what its data are, is not what was trained. Nothing is changed, damaged checkpoints are still there.
    /// </exception>
    public static Resumption? Find(RunFolder folder, Network network, TrainingSpec training, DataContract? contract = null)
    {
        RunOrigin.RequireUnchanged(folder);
        // Before any weights are read: with other classes or columns they would only seem to be of another network.
        if (contract is not null && folder.Checkpoints.Contract() is { } trained && contract.DifferenceFrom(trained) is { } difference)
        {
            throw new InvalidInputException(
                folder.ExperimentPath, $"its data are no longer what it was trained on: now they have {difference}", "put back the data files as they were, or train anew");
        }

        List<string> warnings = [];
        RunOrigin? origin = RunOrigin.Read(folder.OriginPath);
        string digest = origin?.Digest ?? folder.ExperimentDigest();
        if (folder.Checkpoints.Latest(network, warnings.Add, digest) is not ({ } checkpoint, { } weights, var velocity))
        {
            if (origin is null && warnings.Count > 0)
            {
                throw new InvalidInputException(
                    folder.Location, "no checkpoint is sound, and an earlier version did not write down what else the run began with", "train anew from its experiment.yaml");
            }

            velocity = null;
            if (RunEvents.LengthOfStart(folder.EventsPath) is not { } eventBytes)
                return null;
            checkpoint = new Checkpoint(0, null, digest, 0, eventBytes, MetricsFile.Header.Length + 1);
            weights = WeightInitializer.Initialize(network, training.Seed);
        }

        IReadOnlyList<RunEvent> events = folder.ReadSoundEvents();
        if (events.OfType<RoundStarted>().LastOrDefault() is { } begun && begun.Round > checkpoint.Round + 1)
        {
            warnings.Add(
                $"rounds up to {begun.Round - 1} were done, but no sound checkpoint is later than round {checkpoint.Round}: those after it are trained again");
        }

        return new Resumption(checkpoint, new TrainingResult(weights, checkpoint.Evaluation, checkpoint.Round) { Velocity = velocity }, warnings)
        {
            // What was planned for later rounds is planned again, with them.
            PlanInForce = events.OfType<RoundPlanned>().LastOrDefault(planned => planned.Round <= checkpoint.Round),
            Numerics = events.Select(happened => (happened as RunStarted)?.Numerics ?? (happened as RunResumed)?.Numerics).LastOrDefault(numerics => numerics is not null),
        };
    }
}
